import BenchmarkSupport

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
        times.measure(requests, of: count, &core)
        let served = "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n".utf8.count * count
        return core.replyBytes - before == served + ":\(count)\r\n".utf8.count
    }
}
