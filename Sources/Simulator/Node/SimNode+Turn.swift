// The end of a turn, and the effects that a core wants performed.

import Base
import Node
import Placement

extension SimNode {
    /// Ends the turn of a core and performs its effects.
    package func endTurn(_ core: Int) {
        cores[core].core.endTurn()
        var place = 0
        while place < cores[core].core.outbox.effects.count {
            perform(cores[core].core.outbox.effects[place], of: cores[core], core)
            place += 1
        }
        cores[core].core.outbox.effects.removeAll()
        cores[core].sockets.removeAll(where: \.isClosed)
    }

    private func perform(_ effect: Effect, of core: SimCore, _ number: Int) {
        switch effect {
        case .mail(let target, let parcel):
            mail.post(parcel, from: number, to: Int(target.rawValue))
        case .send(let id, let bytes):
            guard let socket = openSocket(core, id, "send") else { return }
            if socket.sending != nil { violations.append("two sends of one connection at once") }
            socket.sending = bytes
        case .receive(let id):
            openSocket(core, id, "receive")?.isReceiving = true
        case .stopReceiving(let id):
            openSocket(core, id, "stopReceiving")?.isReceiving = false
        case .abort(let id):
            openSocket(core, id, "abort")?.isAborted = true
        case .close(let id, _):
            guard let socket = openSocket(core, id, "close") else { return }
            if socket.sending != nil { violations.append("closed while the kernel sends") }
            socket.isClosed = true
        case .rewriteSettings(let number): core.core.settingsRewritten(number, failure: nil)
        case .writeLog, .syncLog, .createSegment, .createSnapshot, .writeSnapshot,
            .closeSnapshot, .installSnapshot, .dropSnapshot:
            violations.append("a core writes a log that it was not given")
        case .adopt, .prepareMemory, .trimHeap, .shutDown: break
        }
    }

    private func openSocket(_ core: SimCore, _ id: ConnectionID, _ what: String) -> SimSocket? {
        guard let socket = core.find(id), !socket.isClosed else {
            violations.append("\(what) for a connection that is closed")
            return nil
        }
        return socket
    }

    /// Delivers everything, turn after turn, until nothing is left to do; ticks do not count.
    ///
    /// - Returns: false when that did not end within `rounds`.
    package func settle(rounds: Int = 1_000) -> Bool {
        var idleRounds = 0
        for _ in 0..<rounds {
            var hasWork = false
            for core in 0..<coreCount where deliverAll(core) { hasWork = true }
            // The first idle round may have performed an effect that lets something arrive.
            idleRounds = hasWork || !mail.isEmpty ? 0 : idleRounds + 1
            if idleRounds == 2 { return true }
        }
        return false
    }

    /// One turn of a core in which all that waits for it arrives; whether there was anything.
    private func deliverAll(_ core: Int) -> Bool {
        var hasWork = false
        for sender in 0..<coreCount {
            for _ in 0..<mail.count(from: sender, to: core) {
                deliverMail(from: sender, to: core)
                hasWork = true
            }
        }
        for socket in cores[core].sockets {
            if socket.canCompleteSend {
                completeSend(socket)
                hasWork = true
            }
            if socket.hasInput {
                deliverInput(socket)
                hasWork = true
            }
        }
        if let tick = cores[core].core.nextTick, tick <= clock.now {
            cores[core].core.tick()
            hasWork = true
        }
        endTurn(core)
        return hasWork
    }

    /// What is left although nobody is connected and no mail is under way; nil when nothing is.
    package func findLeak() -> String? {
        if !mail.isEmpty { return "mail is under way" }
        for number in 0..<coreCount {
            if let leak = cores[number].core.findLeak() { return "core \(number): \(leak)" }
        }
        return nil
    }

    /// Ends the process unless every core keeps its promises to itself.
    package func checkInvariants() {
        for core in cores { core.core.checkInvariants() }
    }
}
