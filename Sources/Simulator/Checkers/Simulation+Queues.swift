// The end of a run whose clients wait for elements, and its judge.

extension Simulation {
    /// Lets all waits end. Before that, nobody may wait for what is there.
    func settleQueues() {
        guard node.settle() else { return fail("the cores go on for ever") }
        for client in clients { read(client) }
        let contents = readQueues()
        for client in clients where client.isPresent {
            guard let place = client.outstanding.first else { continue }
            let words = history[place].words
            if let queue = words.awaitedQueues.first(where: { contents[$0]?.isEmpty == false }) {
                return fail("session \(client.session) waits, \(words), and \(queue) has elements")
            }
        }
        for _ in 0..<Self.waitRoundMax where clients.contains(where: \.isOwed) {
            node.advanceClock(by: 1000)
            for core in 0..<node.coreCount {
                node.fireTick(core)
                node.endTurn(core)
            }
            guard node.settle() else { return fail("the cores go on for ever") }
            for client in clients { read(client) }
        }
    }

    /// As many waits as a client may have in its pipeline, twice.
    private static var waitRoundMax: Int { 64 }

    /// What is in each queue, read by one more client.
    private func readQueues() -> [String: [String]] {
        step += 1
        let auditor = SimClient(script: BankScript(accounts: []), depth: 1, units: 0)
        clients.append(auditor)
        connect(auditor, 0)
        let first = history.count
        send(queues.map { ["LRANGE", $0, "0", "-1"] }, auditor)
        step += 1
        if !node.settle() { fail("the cores go on for ever") }
        read(auditor)
        var contents: [String: [String]] = [:]
        for (offset, queue) in queues.enumerated() {
            contents[queue] = history[first + offset].reply?.elements
        }
        return contents
    }

    /// Every element is taken once or still there, unless the reply of who took it was lost.
    func checkQueues(_ operations: [SerialOperation]) {
        var left = operations.flatMap { operation in
            operation.replies == nil ? [] : operation.commands.flatMap(\.pushedElements)
        }.reduce(into: Set<String>()) { $0.insert($1) }
        let possible = Set(operations.flatMap { $0.commands.flatMap(\.pushedElements) })
        var places = readQueues().values.flatMap { $0 }
        var lostReplies = 0
        for operation in operations {
            guard let replies = operation.replies else {
                lostReplies += operation.commands.count(where: \.takesAway)
                continue
            }
            for (words, reply) in zip(operation.commands, replies) {
                places += words.takenElements(reply)
            }
        }
        var seen: Set<String> = []
        for element in places {
            if !possible.contains(element) { fail("\(element) was never pushed") }
            if !seen.insert(element).inserted { fail("\(element) is in two places") }
            left.remove(element)
        }
        if left.count > lostReplies {
            fail("\(left.sorted()) are lost, and \(lostReplies) replies")
        }
    }

    var queues: [String] { names("queue", 4) }
}

extension SimClient {
    /// It is there and reads.
    fileprivate var isPresent: Bool { socket != nil && socket?.departure == nil }
    fileprivate var isOwed: Bool { isPresent && !outstanding.isEmpty }
}
