import Base
import BenchmarkSupport

/// A snapshot while every connection sets a key a turn, and what the turns cost.
struct SnapshotTurns {
    let keyCount: Int
    static let elementCount = 1_000_000
    private static let connectionCount = 50

    /// Loads keys and a large sorted set into a new core that logs, has a snapshot written, and
    /// notes what each turn took from its beginning to its end.
    ///
    /// - Returns: false when there was no snapshot.
    func run(_ times: inout TurnTimes) -> Bool {
        var core = PureCore(connectionCount: Self.connectionCount)
        core.startLog()
        load(&core)
        var requests = RequestText()
        requests.appendInline("BGSAVE")
        core.receive(requests.bytes(0, requests.count), at: 0)
        var turn = 0
        var random = SplitMix64(seed: 7)
        // A turn more than the snapshot takes: what is freed at its end belongs to it.
        repeat {
            appendSets(&requests, &random)
            let bytes = requests.count / Self.connectionCount
            times.measure(turn: turn) {
                for place in 0..<Self.connectionCount {
                    core.receive(requests.bytes(place * bytes, (place + 1) * bytes), at: place)
                }
                if core.wantsTick { core.tick() } else { core.endTurn() }
            }
            core.prepareMemory()
            turn += 1
        } while core.snapshotCount == 0 && turn < 10_000_000
        return core.snapshotCount == 1
    }

    private func appendSets(_ requests: inout RequestText, _ random: inout SplitMix64) {
        requests.removeAll()
        for _ in 0..<Self.connectionCount {
            requests.appendSet(key: Int(random.next() % UInt64(keyCount)))
        }
    }

    private func load(_ core: inout PureCore) {
        var requests = RequestText()
        // The only snapshot is to be the one that is measured.
        requests.appendInline("CONFIG SET auto-aof-rewrite-percentage 0")
        core.run(requests.bytes(0, requests.count))
        let batch = 500
        for first in stride(from: 0, to: keyCount, by: batch) {
            requests.removeAll()
            for key in first..<min(first + batch, keyCount) { requests.appendSet(key: key) }
            core.run(requests.bytes(0, requests.count))
        }
        for first in stride(from: 0, to: Self.elementCount, by: batch) {
            requests.removeAll()
            let pairs = (first..<(first + batch)).map { "\($0 * 7) member:\($0)" }
            requests.appendInline(made: "ZADD board " + pairs.joined(separator: " "))
            core.run(requests.bytes(0, requests.count))
        }
    }
}
