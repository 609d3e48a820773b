// The judges of a run's history.

extension Simulation {
    func checkHistory() {
        let reader = HistoryReader(history)
        for failure in reader.failures { fail(failure) }
        checkRefusals(reader)
        switch options.workload {
        case .single: search(reader.operations, isTotalPerSession: true)
        case .serial, .wholeKeyspace: search(reader.operations, isTotalPerSession: false)
        case .invariants: checkInvariantScripts(reader.operations)
        case .queues: checkQueues(reader.operations)
        case .chaos: break
        }
    }

    private func search(_ operations: [SerialOperation], isTotalPerSession: Bool) {
        switch SerialSearch(operations, isTotalPerSession: isTotalPerSession).judge() {
        case .serial: return
        case .impossible(let why): fail(why)
        case .tooWide: report.inconclusive += 1
        }
    }

    /// An EXEC may be refused only where somebody may have written a watched key meanwhile.
    private func checkRefusals(_ reader: HistoryReader) {
        if options.workload == .chaos { return }
        for exec in reader.refused {
            let isExplained = reader.operations.contains { operation in
                if operation.invokedAt > exec.completedAt { return false }
                if let end = operation.completedAt, end < exec.watchedAt { return false }
                return operation.commands.contains { words in
                    if words.isRead { return false }
                    guard let keys = words.commandKeys else { return true }
                    return !exec.keys.isDisjoint(with: keys)
                }
            }
            if !isExplained, options.workload != .single {
                fail("session \(exec.session): EXEC refused, and nobody wrote \(exec.keys)")
            }
        }
    }

    private func checkInvariantScripts(_ operations: [SerialOperation]) {
        let twins = names("twin", 5)
        let accounts = names("account", 4)
        for operation in operations {
            guard let reply = operation.replies?.first else { continue }
            if operation.commands.first == ["MGET"] + twins,
                let fault = TwinScript.fault(inTwins: reply)
            {
                fail(fault)
            }
            if operation.commands.first == ["MGET"] + accounts,
                let fault = BankScript.fault(inBalances: reply)
            {
                fail(fault)
            }
        }
        checkCounters(operations)
    }

    /// A value that was set from what was read, under WATCH, is set once: a lost update would set
    /// it twice.
    private func checkCounters(_ operations: [SerialOperation]) {
        let mayBeFlushed = operations.contains { $0.commands.contains(["FLUSHALL"]) }
        if mayBeFlushed { return }
        var sets: Set<[String]> = []
        for operation in operations where operation.replies == [.ok] {
            guard let words = operation.commands.first, words[0] == "SET" else { continue }
            if !sets.insert(words).inserted { fail("an update was lost: \(words) twice") }
        }
        for operation in operations.suffix(12) where operation.commands.first?.first == "GET" {
            guard let key = operation.commands.first?[1], key.hasPrefix("counter"),
                let reply = operation.replies?.first, case .bulk(let text) = reply
            else { continue }
            let count = sets.count { $0[1] == key }
            if Int(text ?? "0") ?? 0 < count { fail("\(key) is \(reply) after \(count) updates") }
        }
    }
}
