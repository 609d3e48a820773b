import Base
import Engine

/// What the shell knows of a socket that it accepted.
public struct AcceptedConnection {
    /// The socket, as the kernel numbers it.
    public var descriptor: Int32
    /// The port that it came in by.
    public var listener: Listener
    /// "ip:port" of the client, and of this end.
    public var address: String
    /// "ip:port" of this end.
    public var localAddress: String
    /// Clients of the whole node, this one included.
    public var nodeConnectionCount: Int

    /// A socket as the shell accepted it.
    public init(
        descriptor: Int32, listener: Listener, address: String, localAddress: String,
        nodeConnectionCount: Int
    ) {
        self.descriptor = descriptor
        self.listener = listener
        self.address = address
        self.localAddress = localAddress
        self.nodeConnectionCount = nodeConnectionCount
    }
}

extension Core {
    /// A client has connected. One too many is told so and closed.
    public mutating func accepted(_ socket: AcceptedConnection) -> ConnectionID {
        let details = ConnectionDetails(
            number: nextConnectionNumber, descriptor: socket.descriptor,
            listener: socket.listener, address: socket.address,
            localAddress: socket.localAddress, now: now)
        nextConnectionNumber += Int64(coreCount)
        let connection = connections.open(details)
        let id = connection.state.id
        connection.state.session.isAuthenticated = configuration.password.isEmpty
        if socket.nodeConnectionCount > configuration.clientCountMax {
            statistics.connectionsRejected += 1
            var reply = Reply()
            reply.error(.maxClients)
            connection.state.output.append(reply.buffer.bytes)
            connection.state.isClosing = true
            markDirty(connection)
        } else {
            statistics.connectionsAccepted += 1
            connection.state.isReceiving = true
            outbox.append(.receive(id))
        }
        watchIdleClients()
        return id
    }

    /// The client has closed its side: what it asked for is still answered, then the connection
    /// ends.
    public mutating func receiveEnded(_ id: ConnectionID) {
        guard let connection = connections.find(id) else { return }
        connection.state.isReceiving = false
        connection.state.isEnding = true
        if case .blocked = connection.state.stall { leaveWait(connection) }
        markDirty(connection)
    }

    /// The receive ended for want of a buffer or because it was stopped; it is armed again unless
    /// that was meant.
    public mutating func receiveInterrupted(_ id: ConnectionID) {
        guard let connection = connections.find(id) else { return }
        if connection.state.isReceiving { outbox.append(.receive(id)) }
    }

    /// The connection is broken: nothing more can be sent or received.
    public mutating func connectionFailed(_ id: ConnectionID) {
        guard let connection = connections.find(id) else { return }
        closeNow(connection)
    }

    /// Ends a connection without waiting for its replies to be read. It is gone when the turn ends,
    /// not before: whoever called may still look at it.
    mutating func closeNow(_ connection: ConnectionReference) {
        connection.state.isClosing = true
        connection.state.isBroken = true
        connection.state.isReceiving = false
        giveUpWaiting(connection)
        markDirty(connection)
    }

    /// Nobody waits for the answer of a request that has not begun.
    private mutating func giveUpWaiting(_ connection: ConnectionReference) {
        if case .operation = connection.state.stall { return }
        abandonWait(connection)
        holds.forget(connection.state.id)
        connection.state.stall = .none
    }

    /// The end of the turn for a connection that is to be closed without more ado.
    mutating func breakOff(_ connection: ConnectionReference) {
        if !connection.state.isSending {
            destroy(connection)
        } else if !connection.state.isAborted {
            // The kernel reads the buffer until the send completes; the abort makes it do so.
            connection.state.isAborted = true
            outbox.append(.abort(connection.state.id))
        }
    }

    /// The last step of a connection; only the end of a turn takes it.
    mutating func destroy(_ connection: ConnectionReference) {
        let id = connection.state.id
        holds.forget(id)
        dropHoles(connection)
        dropPieces(connection)
        if plantedFault != .watchesKept { unwatchAll(connection) }
        dropSubscriptions(connection)
        endMonitoring(connection)
        dropTracking(connection)
        let descriptor = connection.state.details.descriptor
        connections.close(connection)
        outbox.append(.close(id, descriptor: descriptor))
    }

    /// Lets go of the parcels whose replies this connection will not read.
    private mutating func dropHoles(_ connection: ConnectionReference) {
        let count = connection.state.holes.count
        for index in 0..<count {
            if let parcel = connection.state.holes[index].parcel { resolve(parcel) }
        }
        connection.state.holes.removeFirst(count)
    }

    /// Remembers that the end of the turn must look at the connection.
    @inline(__always)
    mutating func markDirty(_ connection: ConnectionReference) {
        if connection.state.isDirty { return }
        connection.state.isDirty = true
        dirty.append(connection.state.id)
    }
}
