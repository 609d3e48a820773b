import Base

/// Something that happened to a key.
package struct KeyEvent: BitwiseCopyable {
    /// Redis's name for it.
    package var event: Bytes
    package var key: Bytes
}

/// Keyspace events that happened and have not been told yet, in order.
///
/// Filled by commands and by expiry, emptied by the node after each of them, so it holds what one
/// command or one sweep brings. While notifications are off, as they are unless an operator wants
/// them, an event costs one load and one comparison.
package struct KeyEventLog: ~Copyable {
    /// The classes that are told; none where nobody is to be told on any channel.
    private(set) var classes: KeyEventClass = []
    private var entries = GrowableArray<KeyEvent>(capacity: 8)
    private var keys = ByteArena(chunkSize: 1024)

    /// Chooses what is told from now on. Without a channel to tell it on, nothing is.
    package mutating func select(_ wanted: KeyEventClass) {
        let channels = wanted.intersection([.onKeyChannel, .onEventChannel])
        classes = channels.isEmpty ? [] : wanted.subtracting(channels)
    }

    /// Whether any event is told.
    package var isOn: Bool { !classes.isEmpty }

    /// How many events wait to be told.
    package var count: Int { entries.count }

    /// Event `index`; it lives until ``removeAll()``.
    package subscript(index: Int) -> KeyEvent { entries[index] }

    package mutating func removeAll() {
        entries.removeAll()
        keys.removeAll()
    }

    /// Notes an event where its class is told.
    @inline(__always)
    mutating func note(_ kind: KeyEventClass, _ event: StaticString, _ key: Bytes) {
        if _slowPath(classes.rawValue & kind.rawValue != 0) { append(event, key) }
    }

    @inline(never)
    private mutating func append(_ event: StaticString, _ key: Bytes) {
        entries.append(KeyEvent(event: Bytes(event), key: keys.append(key)))
    }
}
