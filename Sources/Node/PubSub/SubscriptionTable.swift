// What a core knows of its own clients' subscriptions.
//
// Topics are found by hash, so that a message that nobody wants costs one look-up and no
// allocation. Patterns are few, and are tried one after the other, as in Redis.
//
// Invariants.
// 1. A topic is in the table exactly while it has a subscriber.
// 2. `counts` says how many topics there are in each place of the interest filter
//    (InterestTable.swift).

import Base
import Engine

/// A channel, shard channel or pattern that somebody on this core is subscribed to.
final class Topic {
    let kind: TopicKind
    let name: OwnedBytes
    let hash: UInt64
    /// Each once, in no order that means anything.
    fileprivate(set) var subscribers: [ConnectionID] = []
    /// Another topic of the same hash.
    fileprivate var next: Topic?

    fileprivate init(_ kind: TopicKind, _ name: OwnedBytes, _ hash: UInt64) {
        self.kind = kind
        self.name = name
        self.hash = hash
    }

    fileprivate func isNamed(_ name: Bytes) -> Bool {
        self.name.withBytes { $0 == name }
    }
}

/// See the essay above. A hash is that of ``TopicKind/hash(_:)``, so kinds do not meet.
struct SubscriptionTable: ~Copyable {
    private var topics: [UInt64: Topic] = [:]
    /// The topics that are patterns, in the order of their first subscriptions.
    private var patterns: [Topic] = []
    private var counts = GrowableArray<UInt32>(capacity: InterestPlace.count)

    init() {
        for _ in 0..<InterestPlace.count { counts.append(0) }
    }

    var isEmpty: Bool { topics.isEmpty }

    /// How many patterns have a subscriber here.
    var patternCount: Int { patterns.count }

    /// Pattern `index`, below ``patternCount``.
    func pattern(_ index: Int) -> Topic { patterns[index] }

    /// Whether no topic is in that place of the filter.
    func isVacant(_ place: InterestPlace) -> Bool { counts[place.rawValue] == 0 }

    func find(_ name: Bytes, _ hash: UInt64) -> Topic? {
        var topic = topics[hash]
        while let found = topic {
            if found.isNamed(name) { return found }
            topic = found.next
        }
        return nil
    }

    /// Adds a subscriber who is not one yet.
    mutating func add(
        _ id: ConnectionID, _ kind: TopicKind, _ name: OwnedBytes, _ hash: UInt64
    ) {
        let topic = name.withBytes { find($0, hash) } ?? open(kind, name, hash)
        topic.subscribers.append(id)
    }

    private mutating func open(_ kind: TopicKind, _ name: OwnedBytes, _ hash: UInt64) -> Topic {
        let topic = Topic(kind, name, hash)
        topic.next = topics[hash]
        topics[hash] = topic
        if kind == .pattern { patterns.append(topic) }
        counts[InterestPlace(kind, hash).rawValue] += 1
        return topic
    }

    /// Takes a subscriber out of a topic that it is in.
    mutating func remove(_ id: ConnectionID, _ name: OwnedBytes, _ hash: UInt64) {
        guard let topic = name.withBytes({ find($0, hash) }),
            let place = topic.subscribers.firstIndex(of: id)
        else { invariantFailed("a client's subscription is in the core's table") }
        topic.subscribers[place] = topic.subscribers[topic.subscribers.count - 1]
        topic.subscribers.removeLast()
        if topic.subscribers.isEmpty { close(topic) }
    }

    private mutating func close(_ topic: Topic) {
        if topics[topic.hash] === topic {
            topics[topic.hash] = topic.next
        } else {
            var before = topics[topic.hash]
            while let other = before, other.next !== topic { before = other.next }
            before?.next = topic.next
        }
        if topic.kind == .pattern { patterns.removeAll { $0 === topic } }
        counts[InterestPlace(topic.kind, topic.hash).rawValue] -= 1
    }

    /// Calls `body` with each topic, in no order that means anything.
    func forEach(_ body: (Topic) -> Void) {
        for first in topics.values {
            var topic: Topic? = first
            while let found = topic {
                body(found)
                topic = found.next
            }
        }
    }

    /// Ends the process unless the invariants hold.
    func checkInvariants() {
        var found = [UInt32](repeating: 0, count: InterestPlace.count)
        forEach { topic in
            invariant(!topic.subscribers.isEmpty, "a topic has a subscriber")
            found[InterestPlace(topic.kind, topic.hash).rawValue] += 1
        }
        for place in 0..<InterestPlace.count {
            invariant(counts[place] == found[place], "each place counts its topics")
        }
    }
}
