// CLIENT LIST, INFO and KILL: the connections of all cores.

import Base
import Engine

extension Core {
    // MARK: CLIENT LIST

    mutating func isSoundList(_ call: Invocation) -> Bool {
        isSound(ClientFilter.list(call))
    }

    private mutating func isSound(_ filter: ClientFilter) -> Bool {
        guard let error = filter.error else { return true }
        engine.fail(error)
        return false
    }

    /// Of each connection its number, the length of its line, and the line.
    func contributeList(_ call: Invocation, into part: inout OutputBuffer) {
        let filter = ClientFilter.list(call)
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            if !filter.accepts(connection) { continue }
            let line = OwnedBytes(describe(connection) + "\n")
            part.append(integer: connection.state.details.number)
            part.append(integer: Int64(line.count))
            line.withBytes { part.append($0) }
        }
    }

    /// All cores' lines in the order of the connections' numbers.
    mutating func concludeList(_ parts: [Bytes]) {
        var lines: [(number: Int64, line: Bytes)] = []
        for part in parts {
            var offset = 0
            while offset < part.count {
                let end = offset + 16 + Int(part.integer(at: offset + 8))
                lines.append((part.integer(at: offset), part.slice(offset + 16, end)))
                offset = end
            }
        }
        lines.sort { $0.number < $1.number }
        engine.reply.verbatim(lines.reduce(into: "") { $0 += $1.line.string })
    }

    /// A connection's line in CLIENT LIST, without its end.
    func describe(_ connection: ConnectionReference) -> String {
        let details = connection.state.details
        let queued = connection.state.session.isInTransaction ? details.queuedCount : -1
        let queuedBytes = details.queue?.byteCount ?? 0
        let input = connection.state.input.count
        let room =
            connection.state.output.capacity + connection.state.released.capacity
            + connection.state.sending.capacity
        let total = room + connection.state.input.capacity + queuedBytes
        let command = connection.state.lastCommand.map { "\($0.row.name)" } ?? "NULL"
        var line = "id=\(details.number) addr=\(details.address) laddr=\(details.localAddress)"
        line += " fd=\(details.descriptor) name=\(details.name)"
        line += " age=\((now - details.createdAt) / 1000)"
        line += " idle=\((now - connection.state.lastActiveAt) / 1000)"
        line += " flags=\(flags(connection)) db=0 sub=\(details.subscriptions[.channel].count)"
        line += " psub=\(details.subscriptions[.pattern].count)"
        line += " ssub=\(details.subscriptions[.shardChannel].count) multi=\(queued)"
        line += " qbuf=\(input) qbuf-free=\(connection.state.input.capacity - input)"
        line += " argv-mem=0 multi-mem=\(queuedBytes) rbs=\(room) rbp=0"
        line += " obl=\(connection.state.outputBytes) oll=0 omem=0 tot-mem=\(total)"
        line += " events=\(connection.state.isSending ? "rw" : "r") cmd=\(command)"
        line += " user=default redir=\(shownRedirection(connection))"
        line += " resp=\(connection.state.session.version.rawValue)"
        if !details.libraryName.isEmpty || !details.libraryVersion.isEmpty {
            // Since 7.2; whoever expects the line of 7.0 has not named a library.
            line += " lib-name=\(details.libraryName) lib-ver=\(details.libraryVersion)"
        }
        return line
    }

    private func flags(_ connection: ConnectionReference) -> String {
        let session = connection.state.session
        var flags = ""
        if session.isMonitor { flags += "O" }
        if session.isSubscriber { flags += "P" }
        if case .blocked = connection.state.stall { flags += "b" }
        if session.isInTransaction { flags += "x" }
        if session.tracking.contains(.on) { flags += "t" }
        if session.tracking.contains(.brokenRedirection) { flags += "R" }
        if session.tracking.contains(.broadcast) { flags += "B" }
        if session.isTransactionBroken { flags += "d" }
        if connection.state.isClosing { flags += "c" }
        if session.isNoEvict { flags += "e" }
        if session.isNoTouch { flags += "T" }
        return flags.isEmpty ? "N" : flags
    }

    // MARK: CLIENT KILL

    mutating func isSoundKill(_ call: Invocation) -> Bool {
        isSound(ClientFilter.kill(call))
    }

    /// Closes this core's connections that are meant; how many.
    ///
    /// The one who asks is still answered.
    mutating func contributeKill(
        _ call: Invocation, _ asker: ConnectionID?, into part: inout OutputBuffer
    ) {
        let filter = ClientFilter.kill(call)
        var count: Int64 = 0
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            if !filter.accepts(connection) { continue }
            let isAsker = connection.state.id == asker
            if isAsker, filter.skipsAsker { continue }
            count += 1
            if isAsker {
                connection.state.isClosing = true
            } else {
                closeNow(connection)
            }
        }
        part.append(integer: count)
    }

    mutating func concludeKill(_ call: Invocation, _ parts: [Bytes]) {
        let count = parts.reduce(0) { $0 + $1.integer(at: 0) }
        if !ClientFilter.kill(call).isOldForm {
            engine.reply.integer(count)
        } else if count > 0 {
            engine.reply.ok()
        } else {
            engine.fail("ERR No such client")
        }
    }
}
