/// Classes of keyspace events, and on which channels they are told: what the letters of the setting
/// notify-keyspace-events stand for.
package struct KeyEventClass: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    @inline(__always)
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Commands that concern keys of any type (g).
    package static let generic = KeyEventClass(rawValue: 1 << 0)
    /// $
    package static let string = KeyEventClass(rawValue: 1 << 1)
    /// l
    package static let list = KeyEventClass(rawValue: 1 << 2)
    /// s
    package static let set = KeyEventClass(rawValue: 1 << 3)
    /// h
    package static let hash = KeyEventClass(rawValue: 1 << 4)
    /// z
    package static let sortedSet = KeyEventClass(rawValue: 1 << 5)
    /// A key is gone because its time had come (x).
    package static let expired = KeyEventClass(rawValue: 1 << 6)
    /// A key was removed to make room (e).
    package static let evicted = KeyEventClass(rawValue: 1 << 7)
    /// t
    package static let stream = KeyEventClass(rawValue: 1 << 8)
    /// A read found no key (m).
    package static let keyMiss = KeyEventClass(rawValue: 1 << 9)
    /// Of modules, which this server has none of (d).
    package static let module = KeyEventClass(rawValue: 1 << 10)
    /// A key was added (n).
    package static let new = KeyEventClass(rawValue: 1 << 11)

    /// Events are told on the key's channel (K).
    package static let onKeyChannel = KeyEventClass(rawValue: 1 << 12)
    /// Events are told on the event's channel (E).
    package static let onEventChannel = KeyEventClass(rawValue: 1 << 13)

    /// What A stands for: all but key misses and new keys.
    package static let all: KeyEventClass = [
        .generic, .string, .list, .set, .hash, .sortedSet, .expired, .evicted, .stream, .module,
    ]
}
