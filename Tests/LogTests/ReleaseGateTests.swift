import Base
import Testing

@testable import Log

struct ReleaseGateTests {
    private func position(_ offset: UInt32) -> LogPosition {
        LogPosition(segment: 1, offset: offset)
    }

    private func list(_ cores: [UInt16]) -> GrowableArray<UInt16> {
        var list = GrowableArray<UInt16>()
        for core in cores { list.append(core) }
        return list
    }

    private func check(_ gate: borrowing ReleaseGate, _ offset: UInt32) {
        let released = gate.released
        #expect(released == position(offset))
    }

    @Test func withoutTransactionsWhatIsSyncedIsReleased() {
        var gate = ReleaseGate(core: 0, coreCount: 2, synced: position(64))
        check(gate, 64)
        let hasRisen = gate.logSynced(position(100))
        #expect(!hasRisen)
        check(gate, 100)
    }

    @Test func aTransactionHoldsBackWhatComesBehindIt() {
        var gate = ReleaseGate(core: 0, coreCount: 3, synced: position(64))
        gate.transactionLogged(
            home: 2, number: 7, participants: list([0, 1]), start: position(100),
            end: position(150))
        let logged = gate.logged(home: 2)
        #expect(logged == 7)
        var hasRisen = gate.logSynced(position(120))
        #expect(!hasRisen)
        check(gate, 100)
        hasRisen = gate.logSynced(position(200))
        #expect(hasRisen)
        let synced = gate.synced(home: 2)
        #expect(synced == 7)
        check(gate, 100)
        gate.peerSynced(1, home: 2, 6, logSynced: position(200))
        check(gate, 100)
        gate.peerSynced(1, home: 2, 9, logSynced: position(200))
        check(gate, 200)
    }

    /// The rule, looked at anew for every transaction at every step.
    private struct Model {
        struct Logged {
            let start: LogPosition
            let end: LogPosition
            let home: Int
            let number: UInt64
            let cores: [UInt16]
        }

        var logged: [Logged] = []
        var synced = [[UInt64]](repeating: [0, 0, 0, 0], count: 4)
        var numbers: [UInt64] = [0, 0, 0, 0]
        var end = LogPosition(segment: 1, offset: 64)
        var reach = LogPosition(segment: 1, offset: 64)
        var released = LogPosition(segment: 1, offset: 64)

        mutating func sync() {
            reach = end
            for one in logged where one.end <= reach { synced[0][one.home] = one.number }
        }

        mutating func judge() -> LogPosition {
            let first = logged.first { one in
                one.cores.contains { synced[Int($0)][one.home] < one.number }
            }
            released = max(released, min(reach, first?.start ?? reach))
            return released
        }
    }

    @Test(arguments: 0..<40)
    func releasedIsWhatTheRuleSays(_ seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var gate = ReleaseGate(core: 0, coreCount: 4, synced: position(64))
        var model = Model()
        for _ in 0..<600 {
            let home = Int.random(in: 0..<4, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                model.numbers[home] += UInt64.random(in: 1...3, using: &random)
                let others = (1...3 as ClosedRange<UInt16>).filter { _ in
                    Bool.random(using: &random)
                }
                let start = model.end
                model.end = position(start.offset + 40)
                let one = Model.Logged(
                    start: start, end: model.end, home: home, number: model.numbers[home],
                    cores: [0] + others)
                model.logged.append(one)
                gate.transactionLogged(
                    home: UInt16(home), number: one.number, participants: list(one.cores),
                    start: start, end: one.end)
            case 1: model.end = position(model.end.offset + 8)
            case 2:
                model.sync()
                _ = gate.logSynced(model.reach)
            default:
                let peer = UInt16.random(in: 1..<4, using: &random)
                model.synced[Int(peer)][home] = model.numbers[home]
                gate.peerSynced(
                    peer, home: UInt16(home), model.numbers[home], logSynced: model.reach)
            }
            let released = gate.released
            #expect(released == model.judge())
        }
    }
}
