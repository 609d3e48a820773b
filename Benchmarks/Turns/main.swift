// turns: prints how long turns of one core's logic took of the thread's CPU time.
//
//     turns [KEYS [CONNECTIONS [PIPELINE [PASSES]]]]   loads keys
//     turns flush [KEYS [PASSES]]                      removes them all
//     turns delete [FIELDS [PASSES]]                   removes a hash
//     turns work [ELEMENTS [PASSES [WORD]]]            commands over large collections, of one word
//     turns wake [CLIENTS [PASSES]]                    serves all who wait for one key
//     turns spread [ELEMENTS [PASSES]]                 the same over collections of two cores
//     turns snapshot [KEYS [PASSES]]                   a snapshot under a load of SETs
//
// A turn of the load is the worst that the loop meets: every connection has sent a whole pipeline.
// Keys are 16 bytes, values 32. Each pass takes a new core; a turn's time is the least of all
// passes.

import Glibc

let words = Array(CommandLine.arguments.dropFirst())
let removalKind = words.first.flatMap { Removal.Kind(rawValue: $0) }
let isWork = words.first == "work"
let isSpread = words.first == "spread"
let isWake = words.first == "wake"
let isSnapshot = words.first == "snapshot"
let hasWord = removalKind != nil || isWork || isSpread || isWake || isSnapshot
let numbers = hasWord ? words.dropFirst() : words[...]

/// The number at `place` behind the command line's word; positive.
func number(_ place: Int, default value: Int) -> Int {
    guard numbers.count > place else { return value }
    guard let number = Int(numbers[numbers.startIndex + place]), number > 0 else {
        print("usage: turns [KEYS [CONNECTIONS [PIPELINE [PASSES]]]]")
        print("       turns flush|delete|work|spread|wake|snapshot [COUNT [PASSES]]")
        exit(2)
    }
    return number
}

func microseconds(_ nanoseconds: UInt64) -> String {
    "\(nanoseconds / 1000).\(nanoseconds / 100 % 10)"
}

func report(_ times: TurnTimes, passCount: Int) {
    let quantiles = times.quantiles([0.5, 0.99, 0.999, 0.9999, 1])
    print("CPU time per turn in us, the least of \(passCount) passes:")
    for (share, time) in zip(["p50", "p99", "p99.9", "p99.99", "max"], quantiles) {
        print("  \(share)\t\(microseconds(time))")
    }
}

func runPasses(_ count: Int, _ run: () -> Bool) {
    for _ in 0..<count where !run() {
        print("turns: a command was not answered as it should be")
        exit(1)
    }
}

func measure(_ kind: Removal.Kind) {
    let removal = Removal(
        kind: kind, count: number(0, default: kind == .flush ? 10_000_000 : 1_000_000))
    let passCount = number(1, default: 3)
    var times = TurnTimes(count: 1)
    runPasses(passCount) { removal.run(&times) }
    print("\(kind.rawValue) of \(removal.count), \(times.count) turns")
    report(times, passCount: passCount)
    reportLongest(times, 4)
}

func reportLongest(_ times: TurnTimes, _ count: Int) {
    print("longest:")
    for (turn, nanoseconds) in times.longest(count) {
        print("  turn \(turn)\t\(microseconds(nanoseconds))")
    }
}

func measureLoad() {
    let load = KeyLoad(
        keyCount: number(0, default: 10_000_000), connectionCount: number(1, default: 50),
        pipeline: number(2, default: 16))
    let passCount = number(3, default: 3)
    var times = TurnTimes(count: load.turnCount)
    runPasses(passCount) { load.run(&times) }
    print("\(load.keyCount) keys, \(load.turnCount) turns of", terminator: " ")
    print("\(load.connectionCount) x \(load.pipeline) SET")
    report(times, passCount: passCount)
    print("longest:")
    for (turn, nanoseconds) in times.longest(8) {
        print("  after \(turn * load.turnKeys) keys\t\(microseconds(nanoseconds))")
    }
    print("by tenths of the load, mean and longest:")
    for part in times.parts(10) {
        print("  \(microseconds(part.mean))\t\(microseconds(part.longest))")
    }
}

func measureWork() {
    let long = LongCommand(count: number(0, default: 1_000_000))
    let passCount = number(1, default: 3)
    let only = numbers.count > 2 ? numbers[numbers.startIndex + 2] : ""
    var core = long.makeCore()
    print("\(long.count) elements; us of CPU, the least of \(passCount) passes")
    print("longest\tmean\tturns\tcommand")
    for tested in LongCommand.cases where only.isEmpty || tested.command.contains(only) {
        var times = TurnTimes(count: 1)
        for _ in 0..<passCount { long.run(tested, &core, &times) }
        let mean = times.parts(1)[0].mean
        let longest = microseconds(times.longest(1)[0].nanoseconds)
        print("\(longest)\t\(microseconds(mean))\t\(times.count)\t\(tested.label)")
    }
}

func measureSpread() {
    let spread = SpreadCommand(count: number(0, default: 1_000_000))
    let passCount = number(1, default: 3)
    let (node, tags) = spread.makeNode()
    print("\(spread.count) elements on each of 2 cores; us of CPU, the best of \(passCount) passes")
    print("longest\tmean\tturns\tcommand")
    for command in SpreadCommand.commands {
        let best = (0..<passCount).map { _ in spread.run(command, node, tags) }
            .min { $0.0 < $1.0 }
        guard let (longest, mean, turns) = best else { continue }
        print("\(microseconds(longest))\t\(microseconds(mean))\t\(turns)\t\(command)")
    }
}

func measureWaking() {
    let waking = Waking(count: number(0, default: 9_999))
    let passCount = number(1, default: 3)
    var times = TurnTimes(count: 1)
    runPasses(passCount) { waking.run(&times) }
    print("\(waking.count) clients served, \(times.count) turns")
    report(times, passCount: passCount)
}

func measureSnapshot() {
    let snapshot = SnapshotTurns(keyCount: number(0, default: 2_000_000))
    let passCount = number(1, default: 3)
    var times = TurnTimes(count: 1)
    runPasses(passCount) { snapshot.run(&times) }
    print("a snapshot of \(snapshot.keyCount) keys and a sorted set, \(times.count) turns")
    report(times, passCount: passCount)
    reportLongest(times, 8)
}

if isWork {
    measureWork()
} else if isSpread {
    measureSpread()
} else if isWake {
    measureWaking()
} else if isSnapshot {
    measureSnapshot()
} else if let removalKind {
    measure(removalKind)
} else {
    measureLoad()
}
