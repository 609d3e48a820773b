import Foundation
import TestSupport
import Testing

/// What a request costs in instructions: two runs of the release build's `budget` under callgrind,
/// one of twice the operations, so that start and preparation cancel out.
@Suite struct BudgetTests {
    private static let operationCount = 16_384

    @Test func everyCommandHasItsBudgets() {
        let rows = Budget.all.map(\.description)
        #expect(
            rows == [
                "get 1", "get 16", "set 1", "set 16", "incr 1", "incr 16", "hget 16", "hset 16",
                "ping 16", "lpush 16", "lpop 16", "spop 16", "zpopmin 16",
            ])
    }

    @Test(arguments: Budget.all)
    func aRequestKeepsItsBudgetAndAllocatesNothing(budget: Budget) throws {
        let cost = try measure(budget)
        #expect(cost.instructions > 100, "the requests were not counted")
        if let objection = budget.objection(to: cost) { Issue.record("\(objection)") }
    }

    @Test func aPlantedAllocationIsFound() throws {
        let budget = try #require(Budget.all.first { $0.description == "get 16" })
        let cost = try measure(budget, planted: ["GYRE_PLANT_ALLOCATION=1"])
        #expect(cost.allocatorCalls["malloc"] == Self.operationCount)
        #expect(cost.allocatorCalls["free"] == Self.operationCount)
        #expect(budget.objection(to: cost) != nil)
        let calls = Budget(command: "get", pipeline: 16, instructions: cost.instructions)
        let objection = try #require(calls.objection(to: cost), "the calls alone are enough")
        #expect(objection.contains("malloc"))
    }

    @Test func aBudgetIsKeptUpAndDown() {
        let short = CallgrindProfile("fn=(1) main\ntotals: 1000\n")
        let long = CallgrindProfile("fn=(1) main\ntotals: 2000\n")
        let cost = RequestCost(short, long, operationCount: 10)
        #expect(cost.instructions == 100)
        for (budget, isKept) in [(96.0, false), (98, true), (102, true), (104, false)] {
            let row = Budget(command: "get", pipeline: 1, instructions: budget)
            #expect((row.objection(to: cost) == nil) == isKept, "budget \(budget)")
        }
    }

    @Test func callsAreCountedByCallee() {
        let profile = CallgrindProfile(
            """
            fn=(1) main
            cfn=(2) malloc
            calls=3 12
            4 50
            cfn=(3) free
            calls=1 12
            fn=(4) other
            cfn=(2)
            calls=4 12
            totals: 77
            """)
        #expect(profile.callsByName == ["malloc": 7, "free": 1])
        #expect(profile.instructions == 77)
    }

    private func measure(_ budget: Budget, planted: [String] = []) throws -> RequestCost {
        let short = try profile(budget, Self.operationCount, planted)
        let long = try profile(budget, 2 * Self.operationCount, planted)
        return RequestCost(short, long, operationCount: Self.operationCount)
    }

    private func profile(
        _ budget: Budget, _ operationCount: Int, _ planted: [String]
    ) throws -> CallgrindProfile {
        let program = ServerProgram.packageRoot + "/.build/release/budget"
        try #require(
            FileManager.default.isExecutableFile(atPath: program),
            "there is no release build: swift build -c release")
        let directory = try TemporaryDirectory()
        let output = directory.path(of: "callgrind.out")
        let result = try Tool.run(
            ["env", "SWIFT_DETERMINISTIC_HASHING=1"] + planted
                + ["valgrind", "--tool=callgrind", "--callgrind-out-file=\(output)", program]
                + [budget.command, "\(budget.pipeline)", "\(operationCount)"])
        try #require(result.status == 0, "\(result.errors)")
        return CallgrindProfile(try String(contentsOfFile: output, encoding: .utf8))
    }
}
