// turns: loads keys into one core's logic, turn by turn, and prints how long the turns took of the
// thread's CPU time. Usage: turns [KEYS [CONNECTIONS [PIPELINE]]]
//
// A turn is the worst that the loop meets: every connection has sent a whole pipeline. Keys are 16
// bytes, values 32.

import BenchmarkSupport
import Glibc
import Uring

let numbers = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
let keyCount = numbers.count > 0 ? max(numbers[0], 1) : 10_000_000
let connectionCount = numbers.count > 1 ? max(numbers[1], 1) : 50
let pipeline = numbers.count > 2 ? max(numbers[2], 1) : 16

/// Loads the keys; the order spreads them over slots as a client's keys are.
func load() -> TurnTimes {
    let turnKeys = connectionCount * pipeline
    var core = PureCore(connectionCount: connectionCount)
    var times = TurnTimes(capacity: keyCount / turnKeys + 1)
    var requests = RequestText()
    var next = 0
    while next < keyCount {
        requests.removeAll()
        let count = min(turnKeys, keyCount - next)
        for key in next..<(next + count) { requests.appendSet(key: key) }
        next += count
        let requestBytes = requests.count / count
        let start = Clocks.threadCPUNanoseconds()
        var first = 0
        var place = 0
        while first < count {
            let end = min(first + pipeline, count)
            core.receive(requests.bytes(first * requestBytes, end * requestBytes), at: place)
            first = end
            place += 1
        }
        core.endTurn()
        times.append(Clocks.threadCPUNanoseconds() - start)
    }
    guard core.replyBytes == keyCount * "+OK\r\n".utf8.count else {
        print("turns: not every key was set")
        exit(1)
    }
    return times
}

func microseconds(_ nanoseconds: UInt64) -> String {
    "\(nanoseconds / 1000).\(nanoseconds / 100 % 10)"
}

let times = load()
let shares = [0.5, 0.99, 0.999, 0.9999, 1]
let quantiles = times.quantiles(shares)
print("\(keyCount) keys, \(times.count) turns of \(connectionCount) x \(pipeline) SET")
print("CPU time per turn in us:")
for (share, time) in zip(["p50", "p99", "p99.9", "p99.99", "max"], quantiles) {
    print("  \(share)\t\(microseconds(time))")
}
print("longest:")
for (turn, nanoseconds) in times.longest(8) {
    print("  after \(turn * connectionCount * pipeline) keys\t\(microseconds(nanoseconds))")
}
print("by tenths of the run, mean and longest:")
for part in times.parts(10) {
    print("  \(microseconds(part.mean))\t\(microseconds(part.longest))")
}
