// Which messages another core may have receivers for.
//
// A core does not know the others' subscriptions, only a filter of each core: a bit for each of
// 1,024 groups of channels, by their hashes, one for patterns and one for MONITOR. A PUBLISH goes
// only to cores with the channel's bit or that of patterns; mostly that is none, and then it makes
// no hop.
//
// 1. A bit is set before it is needed: the first subscription to a group waits until every other
//    core has noted it, and only then is confirmed. So a PUBLISH that begins after the confirmation
//    reaches the subscriber.
// 2. A bit is cleared late: when a message comes for a group in which nobody subscribes any more,
//    the answer says so. Ending a subscription costs nothing.
// 3. A core keeps what it told each other core (`told`). It says that it has lost interest only
//    where nothing that it told that core is still under way, so that the word "not interested" can
//    never overtake a newer "interested": mail between two cores stays in order.

import Base

/// One bit of a core's filter.
struct InterestPlace: BitwiseCopyable {
    let rawValue: Int

    /// Groups of channels.
    static let channelCount = 1024
    static let patterns = InterestPlace(rawValue: channelCount)
    static let monitors = InterestPlace(rawValue: channelCount + 1)
    /// How many places there are.
    static let count = channelCount + 2

    init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// The place of a topic.
    init(_ kind: TopicKind, _ hash: UInt64) {
        self = kind == .pattern ? .patterns : InterestPlace(channel: hash)
    }

    /// The place of a channel or shard channel.
    init(channel hash: UInt64) {
        rawValue = Int(truncatingIfNeeded: hash) & (Self.channelCount - 1)
    }
}

/// A filter for each core of the node.
struct InterestTable: ~Copyable {
    private static let wordsPerCore = (InterestPlace.count + 63) / 64
    private var words: GrowableArray<UInt64>

    init(coreCount: Int) {
        words = GrowableArray(capacity: coreCount * Self.wordsPerCore)
        for _ in 0..<(coreCount * Self.wordsPerCore) { words.append(0) }
    }

    func contains(_ core: Int, _ place: InterestPlace) -> Bool {
        words[core * Self.wordsPerCore + place.rawValue / 64] & Self.bit(place) != 0
    }

    mutating func insert(_ core: Int, _ place: InterestPlace) {
        words[core * Self.wordsPerCore + place.rawValue / 64] |= Self.bit(place)
    }

    mutating func remove(_ core: Int, _ place: InterestPlace) {
        words[core * Self.wordsPerCore + place.rawValue / 64] &= ~Self.bit(place)
    }

    private static func bit(_ place: InterestPlace) -> UInt64 {
        1 << UInt64(place.rawValue % 64)
    }
}

/// What a core knows of the others' interest, and they of its own.
struct Interest: ~Copyable {
    /// What the others want to hear of.
    var theirs: InterestTable
    /// What the others know that this core wants to hear of.
    var told: InterestTable
    /// How many announcements to each core are under way.
    var announcing: GrowableArray<Int>

    init(coreCount: Int) {
        theirs = InterestTable(coreCount: coreCount)
        told = InterestTable(coreCount: coreCount)
        announcing = GrowableArray(capacity: coreCount)
        for _ in 0..<coreCount { announcing.append(0) }
    }
}
