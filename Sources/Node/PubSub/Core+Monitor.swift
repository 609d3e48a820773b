// MONITOR: every request, shown to whoever asked for it.
//
// A request is shown by the core that its client is connected to, when it is run or sent on its
// way, so the requests of one client are shown in order. Lines for monitors of other cores go as
// messages do, and whether there are any is known as interest in messages is.

import Base
import Engine
import Placement

extension Core {
    /// Lets a connection see every request from now on. The other cores know of it.
    ///
    /// One that is a monitor already gets no answer, as in Redis.
    mutating func beginMonitoring(_ connection: ConnectionReference) {
        if connection.state.session.isMonitor { return }
        connection.state.session.isMonitor = true
        monitors.append(connection.state.id)
        weighMonitoring()
        engine.reply.ok()
    }

    mutating func endMonitoring(_ connection: ConnectionReference) {
        if !connection.state.session.isMonitor { return }
        connection.state.session.isMonitor = false
        for place in 0..<monitors.count where monitors[place] == connection.state.id {
            monitors.swapRemove(at: place)
            break
        }
        weighMonitoring()
    }

    /// Finds out anew whether requests are shown to anybody.
    mutating func weighMonitoring() {
        let isMonitored =
            !monitors.isEmpty
            || (0..<coreCount).contains { interest.theirs.contains($0, .monitors) }
        duties.set(.monitored, isMonitored)
    }

    /// Whether the command is shown: what concerns operators is not.
    private func isShown(_ command: CommandID) -> Bool {
        let traits = engine.commands.traits(command)
        return !traits.has(.admin) && !traits.has(.skipMonitor)
    }

    /// Shows a request of a client to all monitors.
    mutating func show(_ call: Invocation, of connection: ConnectionReference) {
        if !isShown(call.command) { return }
        monitorLine.begin(now: now, source: connection.state.details.address)
        monitorLine.append(call)
        for number in 0..<coreCount where interest.theirs.contains(number, .monitors) {
            mailMessage(.monitor, monitorLine.bytes, Bytes(), .nobody, to: number)
        }
        showToMonitors(monitorLine.bytes)
    }

    /// Appends a line to what this core's monitors are sent.
    mutating func showToMonitors(_ line: Bytes) {
        for place in 0..<monitors.count {
            guard let connection = connections.find(monitors[place]) else { continue }
            if connection.state.isClosing || connection.state.session.replyMode != .on { continue }
            if connection.state.id == serving {
                engine.reply.buffer.appendLine(line)
            } else {
                connection.state.output.appendLine(line)
                markDirty(connection)
                boundPushes(connection)
            }
        }
    }

    /// A monitor sends something that a client in its state must not: refuses it.
    mutating func refuseToMonitor(_ connection: ConnectionReference) {
        engine.fail("ERR Replica can't interact with the keyspace")
        let isInTransaction = connection.state.session.isInTransaction
        connection.state.session.isTransactionBroken = isInTransaction
    }
}

extension CommandTraits {
    /// A monitor may not send the command.
    var isClosedToMonitors: Bool { has(.write) || has(.readOnly) || has(.mayReplicate) }
}

extension OutputBuffer {
    fileprivate mutating func appendLine(_ line: Bytes) {
        append("+")
        append(line)
        append("\r\n")
    }
}
