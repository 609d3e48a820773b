import BenchmarkSupport
import Uring

extension TurnTimes {
    /// Notes what `body`, a turn, takes of the thread's CPU time.
    mutating func measure(turn: Int, _ body: () -> Void) {
        let start = Clocks.threadCPUNanoseconds()
        body()
        note(turn: turn, Clocks.threadCPUNanoseconds() - start)
    }

    /// Has a core run what a client sends, as much of it in a turn as the loop takes, and notes
    /// what each turn took, up to when there is nothing left to do.
    mutating func measure(
        _ requests: borrowing RequestText, of client: Int, _ core: inout PureCore
    ) {
        var turn = 0
        for offset in stride(from: 0, to: requests.count, by: 1 << 16) {
            let part = requests.bytes(offset, min(offset + (1 << 16), requests.count))
            measure(turn: turn) {
                core.receive(part, at: client)
                core.endTurn()
            }
            core.prepareMemory()
            turn += 1
        }
        measureRest(from: turn, &core)
    }

    /// Notes what each turn takes in which nothing comes, as long as the core wants one.
    mutating func measureRest(from first: Int, _ core: inout PureCore) {
        var turn = first
        while core.wantsTick {
            measure(turn: turn) { core.tick() }
            core.prepareMemory()
            turn += 1
        }
    }
}
