import Base

/// One request of a client, as the history keeps it. Times are numbers of the simulation's steps.
package struct RequestRecord {
    let session: Int
    let words: [String]
    let invokedAt: Int
    /// Virtual milliseconds since 1970 when it was sent.
    let now: Int64
    var completedAt: Int?
    var reply: SimReply?
}

/// A simulated client: a script, and the connection that it has at the moment.
final class SimClient {
    var script: any ClientScript
    /// How many units it may have under way.
    let depth: Int
    var unitsLeft: Int
    var socket: SimSocket?
    /// Each connection is a session of its own in the history.
    var session = 0
    var reader = ReplyReader()
    /// Records that wait for their reply, by their place in the history, in order.
    var outstanding: [Int] = []
    /// Ends of the units under way: how many of `outstanding` are left when each is done.
    var unitEnds: [Int] = []
    var sentCount = 0
    var answeredCount = 0
    var isAwaiting = false
    var awaited: [SimReply] = []
    /// Leaves for good once everything is answered, or at once.
    var isDone: Bool { unitsLeft == 0 && outstanding.isEmpty }

    init(script: any ClientScript, depth: Int, units: Int) {
        self.script = script
        self.depth = depth
        unitsLeft = units
    }

    var canSend: Bool {
        guard let socket, socket.departure == nil, unitsLeft > 0 else { return false }
        if isAwaiting && !outstanding.isEmpty { return false }
        return unitEnds.count < depth
    }
}
