// From a message to the connections that are to have it.

import Base
import Engine

extension Core {
    /// Gives a message to this core's subscribers of the channel, and of patterns that it matches;
    /// how many.
    mutating func deliver(
        _ kind: TopicKind, _ channel: Bytes, _ hash: UInt64, _ message: Bytes
    ) -> Int {
        if subscriptions.isEmpty { return 0 }
        var receivers = 0
        if let topic = subscriptions.find(channel, hash) {
            pushes.begin(3, kind == .channel ? "message" : "smessage")
            pushes.append(channel)
            pushes.append(message)
            receivers += push(to: topic)
        }
        if kind != .channel { return receivers }
        for place in 0..<subscriptions.patternCount {
            let topic = subscriptions.pattern(place)
            receivers += topic.name.withBytes { pattern in
                if !GlobPattern(pattern).matches(channel) { return 0 }
                pushes.begin(4, "pmessage")
                pushes.append(pattern)
                pushes.append(channel)
                pushes.append(message)
                return push(to: topic)
            }
        }
        return receivers
    }

    private mutating func push(to topic: Topic) -> Int {
        for id in topic.subscribers {
            if let connection = connections.find(id) { push(to: connection) }
        }
        return topic.subscribers.count
    }

    /// Appends the message that stands in ``pushes`` to what a client is sent. One who does not
    /// read is ended once it holds more than its limit allows: until the end of the turn would be
    /// too late, as one turn may bring many messages.
    mutating func push(to connection: ConnectionReference) {
        if connection.state.isClosing { return }
        let message = pushes.bytes(connection.state.session.version)
        if connection.state.id != serving {
            connection.state.output.append(message)
            markDirty(connection)
        } else if connection.state.session.replyMode == .on {
            engine.reply.buffer.append(message)
        } else {
            // What the request replies is dropped, but not this.
            heldPushes.append(message)
        }
        boundPushes(connection)
    }

    /// Ends a client that holds more unread messages than it may.
    mutating func boundPushes(_ connection: ConnectionReference) {
        let held = connection.state.outputBytes
        if _slowPath(held > outputNoticeLimit), held > outputLimits(of: connection).hard {
            closeNow(connection)
        }
    }

    /// Hands on what came for the connection while its request was run with replies off.
    mutating func releaseHeldPushes() {
        engine.reply.buffer.append(heldPushes.bytes)
        heldPushes.removeAll()
        heldPushes.shrink(over: 1 << 16)
    }
}

/// A message that answers no request, being made: a push in RESP3, an array in RESP2. The two
/// differ in their first byte only, so one is made for all its receivers.
struct PushMessage: ~Copyable {
    private var reply = Reply()

    /// Begins a message of `count` parts, of which the first is `kind`.
    mutating func begin(_ count: Int, _ kind: StaticString) {
        reply.buffer.removeAll()
        reply.buffer.shrink(over: 1 << 16)
        reply.array(count)
        reply.bulk(kind)
    }

    mutating func append(_ part: Bytes) { reply.bulk(part) }

    /// Appends a part that is a reply already.
    mutating func append(encoded part: Bytes) { reply.buffer.append(part) }

    mutating func append(_ part: Int) { reply.integer(part) }

    /// Appends the null of a protocol.
    mutating func appendNull(_ version: ProtocolVersion) {
        reply.version = version
        reply.null()
    }

    /// The message as clients of a protocol read it, until the next change.
    mutating func bytes(_ version: ProtocolVersion) -> Bytes {
        let isArray = version == .resp2
        reply.buffer.overwrite(isArray ? UInt8(ascii: "*") : UInt8(ascii: ">"), at: 0)
        return reply.buffer.bytes
    }
}
