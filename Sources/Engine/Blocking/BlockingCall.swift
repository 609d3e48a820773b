/// What a blocking command (BLPOP, BZPOPMIN …) and the node tell each other about one call.
///
/// The engine never waits. It runs such a command as if it were one that does not block: what finds
/// something takes it and answers. What finds nothing answers as inside of MULTI and calls
/// ``Engine/block(_:_:)``; the node looks at ``wanted`` after the call, takes the answer back and
/// lets the client wait (docs/internals/blocking.md). When a key of it has become ready, the node
/// runs the same request again for that key alone.
package struct BlockingCall: BitwiseCopyable {
    /// Set by a command that found nothing.
    package var wanted: WantedWait?
    /// The place among the arguments of the one key that counts now; 0 for all.
    package var onlyKey = 0
    /// Only the answer is wanted: nothing may be changed. The command is run once more, with this
    /// false and its keys as they are now, should the client still be there.
    package var isPeeking = false

    package init() {}
}

/// For what a blocking command wants to wait, and how long.
package struct WantedWait: BitwiseCopyable {
    /// Milliseconds; 0 for ever.
    package var timeout: Int64
    /// What a key must hold to be of use.
    package var type: ValueType
}

/// The places of a blocking command's keys, in the order in which they are looked at.
struct BlockingKeys {
    private var place: Int
    private let end: Int

    init(_ blocking: BlockingCall, _ places: Range<Int>) {
        if blocking.onlyKey == 0 {
            place = places.lowerBound
            end = places.upperBound
        } else {
            place = blocking.onlyKey
            end = place + 1
        }
    }

    /// The next key's place among the arguments.
    mutating func next() -> Int? {
        if place >= end { return nil }
        defer { place += 1 }
        return place
    }
}
