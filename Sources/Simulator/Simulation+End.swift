// The end of a run: everybody is answered, everybody leaves, nothing is left.

import Base

extension Simulation {
    /// Delivers everything that is under way. Every client that is there must have all its replies.
    func settle() {
        for client in clients { client.socket?.isReading = true }
        if options.workload == .queues { settleQueues() }
        if !node.settle() {
            fail("the cores go on for ever")
            return
        }
        for client in clients {
            if client.socket?.departure == .reset { continue }
            read(client)
            if client.outstanding.isEmpty { continue }
            let place = client.outstanding[0]
            if client.socket?.isClosed == true, options.workload == .chaos { continue }
            // Whoever has left in order is answered as far as its last requests were whole.
            if client.socket?.departure != nil { continue }
            fail("session \(client.session) waits for ever for \(history[place].words)")
        }
    }

    /// One more client reads every key, so that the final state is part of the history.
    func audit() {
        if options.workload == .queues { return }
        let auditor = SimClient(script: BankScript(accounts: []), depth: 1, units: 0)
        clients.append(auditor)
        step += 1
        connect(auditor, 0)
        let known =
            options.workload == .invariants
            ? names("twin", 5) + names("account", 4) + names("counter", 2) : keys
        for key in known { send([["GET", key]], auditor) }
        send([["MGET"] + known], auditor)
        step += 1
        settle()
    }

    /// All clients leave; the cores must be as empty as at the start, and sound.
    func leaveAll() {
        // Or the node ends, and closes them.
        let isDrained = random.isOneIn(4)
        if isDrained { node.drain() }
        for client in clients where !isDrained {
            client.socket?.leave(random.isOneIn(2) ? .finish : .reset)
        }
        if !node.settle() { fail("the cores go on for ever when all have left") }
        if let leak = node.findLeak() {
            fail("left behind: \(leak)")
            return
        }
        node.checkInvariants()
    }
}
