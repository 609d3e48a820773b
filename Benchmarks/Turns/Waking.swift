import BenchmarkSupport
import Uring

/// Clients that wait for elements of one key, and one push that serves them all.
struct Waking {
    let count: Int

    /// Notes what each turn took, up to when all are served.
    ///
    /// - Returns: false when a client was not answered as it should be.
    func run(_ times: inout TurnTimes) -> Bool {
        var core = PureCore(connectionCount: count + 1)
        var requests = RequestText()
        requests.appendInline("BLPOP list 0")
        for place in 0..<count {
            core.receive(requests.bytes(0, requests.count), at: place)
            if place % 256 == 0 { core.endTurn() }
        }
        core.endTurn()
        let before = core.replyBytes
        requests.removeAll()
        let all = repeatElement(" x", count: count).joined()
        requests.append(words: ("RPUSH list" + all).split(separator: " "))
        var turn = 0
        // As much as the loop takes in a turn.
        for offset in stride(from: 0, to: requests.count, by: 1 << 16) {
            let part = requests.bytes(offset, min(offset + (1 << 16), requests.count))
            measure(turn, &times) {
                core.receive(part, at: count)
                core.endTurn()
            }
            core.prepareMemory()
            turn += 1
        }
        while core.wantsTick {
            measure(turn, &times) { core.tick() }
            core.prepareMemory()
            turn += 1
        }
        let served = "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n".utf8.count * count
        return core.replyBytes - before == served + ":\(count)\r\n".utf8.count
    }

    private func measure(_ turn: Int, _ times: inout TurnTimes, _ body: () -> Void) {
        let start = Clocks.threadCPUNanoseconds()
        body()
        times.note(turn: turn, Clocks.threadCPUNanoseconds() - start)
    }
}
