import Base

/// Something that happened to a key.
package struct KeyEvent: BitwiseCopyable {
    /// Redis's name for it.
    package var event: Bytes
    package var key: Bytes
    /// How long the engine's reply was when it happened; 0 where that does not matter.
    package var replyOffset: Int
}

/// Events in order, with memory of their own.
package final class KeyEvents {
    private var events = GrowableArray<KeyEvent>(capacity: 8)
    private var keys = ByteArena(chunkSize: 1024)

    package var count: Int { events.count }

    /// Event `index`; it lives until ``removeAll()``.
    package subscript(index: Int) -> KeyEvent { events[index] }

    package func removeAll() {
        events.removeAll()
        keys.removeAll()
    }

    @inline(never)
    fileprivate func append(_ event: StaticString, _ key: Bytes, _ replyOffset: Int) {
        events.append(
            KeyEvent(event: Bytes(event), key: keys.append(key), replyOffset: replyOffset))
    }
}

/// Keyspace events that happened and have not been told yet, in order.
///
/// Filled by commands and by expiry, emptied by the node after each of them, so it holds what one
/// command or one sweep brings. While notifications are off, as they are unless an operator wants
/// them, an event costs one load and one comparison.
package struct KeyEventLog: ~Copyable {
    /// The classes that are told; none where nobody is to be told on any channel.
    private var classes: KeyEventClass = []
    /// What is still to be told. Apart, so that the keyspace stays small: its fields are copied
    /// where it is borrowed.
    package let waiting = KeyEvents()

    /// Chooses what is told from now on. Without a channel to tell it on, nothing is.
    package mutating func select(_ wanted: KeyEventClass) {
        let channels = wanted.intersection([.onKeyChannel, .onEventChannel])
        classes = channels.isEmpty ? [] : wanted.subtracting(channels)
    }

    /// Whether any event is told.
    package var isOn: Bool { !classes.isEmpty }

    /// Notes an event where its class is told.
    ///
    /// - Parameter replyLength: of the engine's reply so far.
    @inline(__always)
    func note(
        _ kind: KeyEventClass, _ event: StaticString, _ key: Bytes, replyLength: Int = 0
    ) {
        if _slowPath(classes.rawValue & kind.rawValue != 0) {
            waiting.append(event, key, replyLength)
        }
    }
}
