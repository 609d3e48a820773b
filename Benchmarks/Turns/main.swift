// turns: loads keys into one core's logic, turn by turn, and prints how long the turns took of the
// thread's CPU time. Usage: turns [KEYS [CONNECTIONS [PIPELINE [PASSES]]]]
//
// A turn is the worst that the loop meets: every connection has sent a whole pipeline. Keys are 16
// bytes, values 32. Each pass loads a new core; a turn's time is the least of all passes.

import Glibc

/// The word at `place` of the command line as a positive number.
func number(_ place: Int, default value: Int) -> Int {
    guard CommandLine.arguments.count > place else { return value }
    guard let number = Int(CommandLine.arguments[place]), number > 0 else {
        print("usage: turns [KEYS [CONNECTIONS [PIPELINE [PASSES]]]]")
        exit(2)
    }
    return number
}

func microseconds(_ nanoseconds: UInt64) -> String {
    "\(nanoseconds / 1000).\(nanoseconds / 100 % 10)"
}

let load = KeyLoad(
    keyCount: number(1, default: 10_000_000), connectionCount: number(2, default: 50),
    pipeline: number(3, default: 16))
let passCount = number(4, default: 3)
var times = TurnTimes(count: load.turnCount)
for _ in 0..<passCount {
    guard load.run(&times) else {
        print("turns: not every key was set")
        exit(1)
    }
}
let quantiles = times.quantiles([0.5, 0.99, 0.999, 0.9999, 1])
print("\(load.keyCount) keys, \(load.turnCount) turns of", terminator: " ")
print("\(load.connectionCount) x \(load.pipeline) SET")
print("CPU time per turn in us, the least of \(passCount) passes:")
for (share, time) in zip(["p50", "p99", "p99.9", "p99.99", "max"], quantiles) {
    print("  \(share)\t\(microseconds(time))")
}
print("longest:")
for (turn, nanoseconds) in times.longest(8) {
    print("  after \(turn * load.turnKeys) keys\t\(microseconds(nanoseconds))")
}
print("by tenths of the load, mean and longest:")
for part in times.parts(10) {
    print("  \(microseconds(part.mean))\t\(microseconds(part.longest))")
}
