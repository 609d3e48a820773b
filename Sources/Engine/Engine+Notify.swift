import Base

extension Engine {
    /// Tells of something that happened to a key, should anybody want to know of that class of
    /// events (notify-keyspace-events). To be called once the change is made, in the order in which
    /// Redis tells of it; costs one load and one comparison while notifications are off.
    ///
    /// - Parameters:
    ///   - kind: one class.
    ///   - event: Redis's name for it, such as "set" or "lpush".
    @inline(__always)
    package mutating func notify(_ kind: KeyEventClass, _ event: StaticString, _ key: Bytes) {
        keyspace.events.note(kind, event, key, replyLength: reply.buffer.count)
    }
}
