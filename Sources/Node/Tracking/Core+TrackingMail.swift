// What cores tell each other of tracked keys. It goes with the messages of PUBLISH
// (Core+Publish.swift), so it stays in order.

import Base
import Engine
import Placement

/// The first part of a message about tracked keys; the second depends on ``kind``.
struct TrackingNote: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        /// A key that ``target`` has read was written; the key.
        case invalidate
        /// All keys are gone.
        case flushed
        /// The sender has clients that are told of keys with a beginning; the beginning.
        case announce
        /// It has none any more.
        case retract
        /// Written keys; the length of their beginning, the beginning, and the keys as
        /// ``BroadcastKeys`` reads them.
        case broadcast
        /// What ``target`` is to be told instead of the sender's ``source``; the keys.
        case redirected
        /// Whoever was to be told instead of ``target`` is gone.
        case broken
    }

    let kind: Kind
    var target = ParcelItem.nobody.connection
    var source = ParcelItem.nobody.connection
    var writer = Tracker.nobody

    init(_ kind: Kind) {
        self.kind = kind
    }
}

extension Core {
    mutating func mailTracking(
        _ note: TrackingNote, _ content: Bytes, _ item: ParcelItem, to core: Int
    ) {
        var head = OutputBuffer()
        head.append(plain: note)
        mailMessage(.clientTracking, head.bytes, content, item, to: core)
    }

    mutating func mailToOthers(_ note: TrackingNote, _ content: Bytes, _ item: ParcelItem) {
        for core in 0..<coreCount where core != Int(index.rawValue) {
            mailTracking(note, content, item, to: core)
        }
    }

    /// Another core tells something of tracked keys.
    mutating func trackingArrived(_ call: Invocation, _ sender: Int) {
        let note = call[0].plain(TrackingNote.self, at: 0)
        let content = call[1]
        switch note.kind {
        case .invalidate: invalidateRead(note.target, content, note.writer)
        case .flushed: tellFlush()
        case .announce: announced(content, sender, isOver: false)
        case .retract: announced(content, sender, isOver: true)
        case .broadcast: broadcastArrived(content)
        case .redirected: redirectedArrived(note, content, sender)
        case .broken: breakRedirection(note.target)
        }
    }
}
