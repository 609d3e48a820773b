// A run of several cores under simulated clients: a function of its options, seed included, and of
// nothing else.
//
// 1. Clients send, read, stall and leave; cores take turns in which a random part of what waits for
//    them arrives; the clock moves on. Each step is one such event.
// 2. When the scripts are through, everything is delivered: every client that is still there must
//    be answered.
// 3. All leave; nothing may be left.
// 4. The checkers judge the history.

import Base
import Node

/// What kind of clients a run has, and with it what its checkers can say.
package enum Workload: CaseIterable, Sendable {
    /// One client at a time; every reply is the model's.
    case single
    /// A few clients and keys; some serial order explains all replies.
    case serial
    /// As `serial`, with FLUSHALL and DBSIZE.
    case wholeKeyspace
    /// Many clients whose commands keep sums, twins and counters.
    case invariants
    /// Many clients who push elements and wait for them.
    case queues
    /// Everything at once, time included; order and form of replies, and what is left at the end.
    case chaos
}

package struct SimulationOptions: Sendable {
    package var seed: UInt64
    package var workload: Workload
    package var fault: PlantedFault?

    package init(seed: UInt64, workload: Workload? = nil, fault: PlantedFault? = nil) {
        self.seed = seed
        let all = Workload.allCases
        self.workload = workload ?? all[Int(seed % UInt64(all.count))]
        self.fault = fault
    }
}

/// What came of a run.
package struct SimulationReport {
    /// What the checkers found; empty when all is well.
    package var failures: [String] = []
    package var requestsAnswered = 0
    package var operations = 0
    package var waits = 0
    package var hops = 0
    package var virtualMilliseconds: Int64 = 0
    package var departures = 0
    /// Histories that were too wide to be searched.
    package var inconclusive = 0

    package init() {}
}

package final class Simulation {
    let options: SimulationOptions
    var random: SplitMix64
    let node: SimNode
    var clients: [SimClient] = []
    var history: [RequestRecord] = []
    var sessionCount = 0
    var step = 0
    var report = SimulationReport()
    /// Keys that the scripts use.
    let keys: [String]
    /// A client leaves once in so many of its steps.
    let departureRarity: Int
    /// A run that is longer is stopped where it stands: one of queues in the midst of things, when
    /// somebody waits.
    private var stepCountMax = 60_000

    package init(_ options: SimulationOptions) {
        self.options = options
        random = SplitMix64(seed: options.seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        let isSmall = options.workload == .serial || options.workload == .wholeKeyspace
        let coreCount = Int.random(in: isSmall ? 2...4 : 1...8, using: &random)
        var configuration = NodeConfiguration()
        if options.workload == .chaos {
            // Clients that do not read are ended.
            configuration.outputLimit = OutputLimit(hard: 3000, soft: 2000, softSeconds: 1)
            configuration.subscriberOutputLimit = configuration.outputLimit
        }
        // In some runs values are compressed.
        if options.seed % 5 == 2 { configuration.others["compress-values-over"] = "40" }
        node = SimNode(
            coreCount: max(coreCount, options.fault == nil ? 1 : 2),
            configuration: configuration, seed: options.seed, fault: options.fault,
            // In some runs every command is long.
            delaysCommands: options.fault == nil && options.seed % 4 == 1)
        keys = ScriptKeys.all(Int.random(in: isSmall ? 3...6 : 6...16, using: &random))
        departureRarity = random.isOneIn(3) ? 60 : 1000
        // In the midst of things somebody waits.
        makeClients()
        if options.workload == .queues, random.isOneIn(2) {
            stepCountMax = Int.random(in: 100...2000, using: &random)
        }
    }

    /// Runs to the end.
    package func run() -> SimulationReport {
        while step < stepCountMax, clients.contains(where: { !$0.isDone }) {
            takeStep()
            if !report.failures.isEmpty { return finished() }
        }
        settle()
        if report.failures.isEmpty { audit() }
        if report.failures.isEmpty { checkHistory() }
        if report.failures.isEmpty { leaveAll() }
        return finished()
    }

    private func finished() -> SimulationReport {
        report.failures += node.violations
        report.virtualMilliseconds = node.clock.elapsed
        report.requestsAnswered = history.count { $0.reply != nil }
        for core in node.cores {
            let figures = core.core.simulationFigures
            report.operations += figures.operations
            report.waits += figures.waits
            report.hops += figures.hops
        }
        return report
    }

    /// Notes what a checker found; the first few tell what there is to tell.
    func fail(_ text: String) {
        if report.failures.count < 3 { report.failures.append(text) }
    }

    private func makeClients() {
        switch options.workload {
        case .single: addFree(1, units: 150, hasExpiry: true, hasWholeKeyspace: true)
        case .serial: addFree(Int.random(in: 2...5, using: &random), units: 30)
        case .wholeKeyspace:
            addFree(Int.random(in: 2...4, using: &random), units: 25, hasWholeKeyspace: true)
        case .chaos:
            addFree(
                Int.random(in: 4...16, using: &random), units: 40, hasExpiry: true,
                hasWholeKeyspace: true)
        case .invariants:
            for number in 0..<Int.random(in: 4...24, using: &random) {
                add(invariantScript(number), units: 25)
            }
        case .queues:
            for number in 0..<Int.random(in: 3...16, using: &random) {
                add(QueueScript(queues: queues, name: "c\(number)"), units: 25)
            }
        }
    }

    private func invariantScript(_ number: Int) -> any ClientScript {
        // Bank and twins exclude each other: FLUSHALL empties the bank, too, but it sums up to 0
        // then.
        switch number % 3 {
        case 0: TwinScript(keys: names("twin", 5), name: "c\(number)")
        case 1: BankScript(accounts: names("account", 4))
        default: CompareAndSetScript(counters: names("counter", 2))
        }
    }

    func names(_ stem: String, _ count: Int) -> [String] { (0..<count).map { "\(stem):\($0)" } }

    private func addFree(
        _ count: Int, units: Int, hasExpiry: Bool = false, hasWholeKeyspace: Bool = false
    ) {
        for number in 0..<count {
            var script = FreeScript(keys: keys, name: "c\(number)")
            script.hasExpiry = hasExpiry
            script.hasWholeKeyspace = hasWholeKeyspace
            add(script, units: units)
        }
    }

    /// Whether several clients' history is searched for a serial order.
    private var isSearched: Bool {
        options.workload == .serial || options.workload == .wholeKeyspace
    }

    private func add(_ script: any ClientScript, units: Int) {
        // What is under way at once makes the search for a serial order wide.
        let depthMax = isSearched ? 3 : 8
        let depth = random.isOneIn(2) ? 1 : Int.random(in: 2...depthMax, using: &random)
        clients.append(SimClient(script: script, depth: depth, units: units))
    }
}
