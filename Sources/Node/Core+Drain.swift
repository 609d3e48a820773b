extension Core {
    /// The node ends: every client gets the replies to what it has sent, then its connection is
    /// closed.
    public mutating func drain() {
        endLog()
        if pause.isOn {
            pause.until = now
            resumePaused()
        }
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            connection.state.isEnding = true
            if case .blocked = connection.state.stall { leaveWait(connection) }
            if connection.state.isReceiving {
                connection.state.isReceiving = false
                outbox.append(.stopReceiving(connection.state.id))
            }
            markDirty(connection)
        }
    }
}
