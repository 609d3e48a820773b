// Keyspace notifications: what the engine noted of changed keys becomes messages.
//
// An event is told by the core that ran the command, whoever owns the key, on all cores, as any
// message. It is told after each command, so that messages and events of one connection keep their
// order, and at the end of a turn for what no command brought, such as expiry.

import Base
import Engine

extension Core {
    /// Tells of the events since the last time.
    ///
    /// - Parameter replyStart: where the reply of the command that brought them begins, if its
    ///   connection is the one that is being served. To that connection most are told before the
    ///   reply, as Redis does.
    mutating func tellKeyEvents(replyStart: Int? = nil) {
        let events = engine.keyspace.events.waiting
        if events.count == 0 { return }
        let replyEnd = engine.reply.buffer.count
        var earlyEnd = replyEnd
        for place in 0..<events.count {
            let event = events[place]
            tell(event)
            if let replyStart, event.replyOffset <= replyStart {
                earlyEnd = engine.reply.buffer.count
            }
        }
        events.removeAll()
        if let replyStart, earlyEnd > replyEnd {
            engine.reply.buffer.rotate(replyStart, replyEnd, earlyEnd)
        }
    }

    private mutating func tell(_ event: KeyEvent) {
        if configuration.keyEvents.contains(.onKeyChannel) {
            tell("__keyspace@0__:", event.key, event.event)
        }
        if configuration.keyEvents.contains(.onEventChannel) {
            tell("__keyevent@0__:", event.event, event.key)
        }
    }

    private mutating func tell(_ prefix: StaticString, _ name: Bytes, _ message: Bytes) {
        eventChannel.removeAll()
        eventChannel.append(prefix)
        eventChannel.append(name)
        let channel = eventChannel.bytes
        let hash = topicHash(.channel, channel)
        _ = mailMessage(.publish, channel, message, hash, .nobody)
        _ = deliver(.channel, channel, hash, message)
        eventChannel.shrink(over: 1 << 16)
    }
}
