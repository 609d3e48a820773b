import BenchmarkSupport
import Uring

/// Something large that is removed by one command, and the turns until its memory is free again.
struct Removal {
    enum Kind: String {
        /// FLUSHALL of so many keys.
        case flush
        /// DEL of a hash of so many fields.
        case delete
    }

    let kind: Kind
    let count: Int

    /// Fills a new core, removes everything, and notes what each turn took.
    ///
    /// - Returns: false when a command was not answered as it should be.
    func run(_ times: inout TurnTimes) -> Bool {
        var core = PureCore(connectionCount: 1)
        var requests = RequestText()
        for number in 0..<count {
            switch kind {
            case .flush: requests.appendSet(key: number)
            case .delete: requests.appendMember(number)
            }
            if requests.count < 32_768, number < count - 1 { continue }
            core.receive(requests.bytes(0, requests.count), at: 0)
            core.endTurn()
            core.prepareMemory()
            requests.removeAll()
        }
        let before = core.replyBytes
        requests.appendInline(kind == .flush ? "FLUSHALL" : "DEL hash")
        times.measure(turn: 0) {
            core.receive(requests.bytes(0, requests.count), at: 0)
            core.endTurn()
        }
        times.measureRest(from: 1, &core)
        return core.replyBytes - before == (kind == .flush ? "+OK\r\n" : ":1\r\n").utf8.count
    }
}
