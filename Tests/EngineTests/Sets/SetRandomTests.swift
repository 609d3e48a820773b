import Base
import Testing

@testable import Engine

/// Members are drawn evenly, from every form of a set.
struct SetRandomTests {
    /// A set of `count` members in each form.
    enum Form: String, CaseIterable, CustomTestStringConvertible {
        case integers, pack, table, directory

        var testDescription: String { rawValue }

        var count: Int { self == .directory ? 1_000 : 50 }

        func harness(seed: UInt64) -> Harness {
            var harness = Harness(seed: seed)
            if self == .table { harness.engine.limits.setPack.entries = 10 }
            let prefix = self == .integers ? "" : "m"
            for index in 0..<count { _ = harness.run("SADD s \(prefix)\(index)") }
            return harness
        }
    }

    /// Whether counts could well come from as many draws, each member as likely as any: the
    /// statistic of Pearson's test is within five standard deviations of its mean.
    private func areEven(_ counts: [String: Int], of form: Form, draws: Int) -> Bool {
        let expected = Double(draws) / Double(form.count)
        var statistic = Double(form.count - counts.count) * expected
        for count in counts.values {
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        let freedom = Double(form.count - 1)
        return statistic < freedom + 5 * (2 * freedom).squareRoot()
    }

    private func tally(_ members: [String], into counts: inout [String: Int]) {
        for member in members { counts[member, default: 0] += 1 }
    }

    @Test(arguments: Form.allCases)
    func oneMember(form: Form) {
        var harness = form.harness(seed: 11)
        var counts: [String: Int] = [:]
        let draws = form.count * 40
        for _ in 0..<draws { tally(harness.strings("SRANDMEMBER s"), into: &counts) }
        #expect(areEven(counts, of: form, draws: draws))
    }

    @Test(arguments: Form.allCases)
    func membersDrawnAnew(form: Form) {
        var harness = form.harness(seed: 12)
        var counts: [String: Int] = [:]
        let draws = form.count * 40
        tally(harness.strings("SRANDMEMBER s -\(draws)"), into: &counts)
        #expect(areEven(counts, of: form, draws: draws))
    }

    /// Few of many are drawn, many are chosen in a walk.
    @Test(arguments: Form.allCases, [0.1, 0.5, 0.9])
    func differentMembers(form: Form, share: Double) {
        var harness = form.harness(seed: 13)
        var counts: [String: Int] = [:]
        let size = Int(Double(form.count) * share)
        for _ in 0..<(form.count * 40 / size) {
            tally(harness.strings("SRANDMEMBER s \(size)"), into: &counts)
        }
        #expect(areEven(counts, of: form, draws: counts.values.reduce(0, +)))
    }

    /// One, several, and nearly all, which leaves a new set behind.
    @Test(arguments: Form.allCases, [0.02, 0.4, 0.9])
    func poppedMembers(form: Form, share: Double) {
        var harness = form.harness(seed: 14)
        var popped: [String: Int] = [:]
        var left: [String: Int] = [:]
        let size = Int(Double(form.count) * share)
        for _ in 0..<(form.count * 10 / size) {
            _ = harness.run("COPY s t REPLACE")
            tally(harness.strings("SPOP t \(size)"), into: &popped)
            tally(harness.strings("SMEMBERS t"), into: &left)
        }
        #expect(areEven(popped, of: form, draws: popped.values.reduce(0, +)))
        #expect(areEven(left, of: form, draws: left.values.reduce(0, +)))
    }

    @Test(arguments: Form.allCases)
    func oneMemberPopped(form: Form) {
        var harness = form.harness(seed: 15)
        var counts: [String: Int] = [:]
        for _ in 0..<(form.count * 20) {
            let popped = harness.strings("SPOP s")
            tally(popped, into: &counts)
            _ = harness.run(["SADD", "s"] + popped)
        }
        #expect(areEven(counts, of: form, draws: form.count * 20))
    }
}
