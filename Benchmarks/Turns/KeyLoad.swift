import BenchmarkSupport
import Uring

/// A load of new keys in turns, and what it costs.
struct KeyLoad {
    let keyCount: Int
    let connectionCount: Int
    let pipeline: Int

    /// Requests of a whole turn.
    var turnKeys: Int { connectionCount * pipeline }
    var turnCount: Int { (keyCount + turnKeys - 1) / turnKeys }

    /// Loads all keys into a new core and notes what each turn took.
    ///
    /// - Returns: false when a key was not set.
    func run(_ times: inout TurnTimes) -> Bool {
        var core = PureCore(connectionCount: connectionCount)
        var requests = RequestText()
        for turn in 0..<turnCount {
            requests.removeAll()
            let first = turn * turnKeys
            let count = min(turnKeys, keyCount - first)
            for key in first..<(first + count) { requests.appendSet(key: key) }
            let requestBytes = requests.count / count
            let start = Clocks.threadCPUNanoseconds()
            for place in 0..<connectionCount where place * pipeline < count {
                let end = min((place + 1) * pipeline, count)
                core.receive(
                    requests.bytes(place * pipeline * requestBytes, end * requestBytes),
                    at: place)
            }
            core.endTurn()
            times.note(turn: turn, Clocks.threadCPUNanoseconds() - start)
            core.prepareMemory()
        }
        return core.replyBytes == keyCount * "+OK\r\n".utf8.count
    }
}
