/// A client that a test drives by hand: it sends what it is told and keeps what it reads.
package final class SimProbe {
    package let socket: SimSocket
    private let node: SimNode
    private var reader = ReplyReader()

    package init(_ node: SimNode, core: Int) {
        self.node = node
        socket = node.connect(to: core)
        node.endTurn(core)
    }

    /// Sends requests in one go; nothing arrives yet.
    package func send(_ requests: [[String]]) {
        for words in requests { socket.send(encodeRequest(words)) }
    }

    /// Sends requests and lets them arrive, in a turn of their own.
    package func deliver(_ requests: [[String]]) {
        send(requests)
        node.deliverInput(socket)
        node.endTurn(socket.core)
    }

    /// What the core has sent so far and was not asked for yet.
    package func replies() -> [SimReply] {
        while socket.canCompleteSend {
            node.completeSend(socket)
            node.endTurn(socket.core)
        }
        reader.append(socket.read())
        var replies: [SimReply] = []
        while let reply = try? reader.next() { replies.append(reply) }
        return replies
    }
}
