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
        let hasRisen = gate.logSafe(position(100))
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
        var hasRisen = gate.logSafe(position(120))
        #expect(!hasRisen)
        check(gate, 100)
        hasRisen = gate.logSafe(position(200))
        #expect(hasRisen)
        let count = gate.safeCount
        #expect(count == 1)
        check(gate, 100)
        gate.peerLogged(1, home: 2, 6, participants: list([1, 2]))
        gate.peerLogged(1, home: 2, 7, participants: list([0, 1]))
        gate.peerSafe(1, 1)
        check(gate, 100)
        // What stands before it there lacks the other core's part: a crash would cut both.
        gate.peerSafe(1, 2)
        check(gate, 100)
        gate.peerLogged(2, home: 2, 6, participants: list([1, 2]))
        gate.peerSafe(2, 1)
        check(gate, 200)
    }

    @Test func transactionsThatCrossAreReleasedTogether() {
        var gate = ReleaseGate(core: 0, coreCount: 2, synced: position(64))
        gate.transactionLogged(
            home: 0, number: 1, participants: list([0, 1]), start: position(100),
            end: position(150))
        gate.transactionLogged(
            home: 1, number: 1, participants: list([0, 1]), start: position(150),
            end: position(200))
        _ = gate.logSafe(position(200))
        gate.peerLogged(1, home: 1, 1, participants: list([0, 1]))
        gate.peerLogged(1, home: 0, 1, participants: list([0, 1]))
        gate.peerSafe(1, 1)
        check(gate, 100)
        gate.peerSafe(1, 2)
        check(gate, 200)
    }

    // MARK: Crashes

    /// A part of a transaction in a core's log.
    private struct Part {
        let home: UInt16
        let number: UInt64
        let cores: [UInt16]
    }

    /// Cores with their logs, of which each byte is a part; what they tell each other is on its way
    /// for a while.
    private final class World {
        final class Core {
            var gate: ReleaseGate
            var parts: [Part] = []
            var safeCount = 0
            var toldCount = 0

            init(_ index: UInt16) {
                gate = ReleaseGate(
                    core: index, coreCount: 3, synced: LogPosition(segment: 1, offset: 0))
            }
        }

        let cores = (0..<3 as Range<UInt16>).map { Core($0) }
        /// By home and participant: parts that are still to be logged there, in order.
        var settling: [[[Part]]] = Array(repeating: Array(repeating: [], count: 3), count: 3)
        var mail: [(sender: UInt16, target: UInt16, parts: [Part], safeCount: Int)] = []
        var numbers: [UInt64] = [0, 0, 0]

        func log(_ part: Part, at core: UInt16) {
            let here = cores[Int(core)]
            var list = GrowableArray<UInt16>()
            for core in part.cores { list.append(core) }
            let place = UInt32(here.parts.count)
            here.parts.append(part)
            here.gate.transactionLogged(
                home: part.home, number: part.number, participants: list,
                start: LogPosition(segment: 1, offset: place),
                end: LogPosition(segment: 1, offset: place + 1))
        }

        func begin(_ home: UInt16, _ others: [UInt16]) {
            numbers[Int(home)] += 1
            let part = Part(
                home: home, number: numbers[Int(home)], cores: ([home] + others).sorted())
            log(part, at: home)
            for core in others { settling[Int(home)][Int(core)].append(part) }
        }

        func sync(_ core: UInt16, _ count: Int) {
            let here = cores[Int(core)]
            here.safeCount = max(here.safeCount, count)
            _ = here.gate.logSafe(LogPosition(segment: 1, offset: UInt32(here.safeCount)))
        }

        func tell(_ core: UInt16) {
            let here = cores[Int(core)]
            let new = Array(here.parts[here.toldCount...])
            here.toldCount = here.parts.count
            for target in 0..<3 as Range<UInt16> where target != core {
                mail.append((core, target, new, here.safeCount))
            }
        }

        func deliver(_ place: Int) {
            // What one core sends another stays in order.
            let chosen = mail[place]
            let first = mail.firstIndex { $0.sender == chosen.sender && $0.target == chosen.target }
            let letter = mail.remove(at: first ?? place)
            for part in letter.parts {
                var list = GrowableArray<UInt16>()
                for core in part.cores { list.append(core) }
                cores[Int(letter.target)].gate.peerLogged(
                    letter.sender, home: part.home, part.number, participants: list)
            }
            cores[Int(letter.target)].gate.peerSafe(letter.sender, letter.safeCount)
        }

        /// How many parts of each core's log a start would keep after a crash now.
        func recovered() -> [Int] {
            var limits = cores.map(\.safeCount)
            var hasChanged = true
            while hasChanged {
                hasChanged = false
                for core in cores.indices {
                    let kept = cores[core].parts.prefix(limits[core]).firstIndex { part in
                        part.cores.contains { other in
                            !cores[Int(other)].parts.prefix(limits[Int(other)]).contains {
                                $0.home == part.home && $0.number == part.number
                            }
                        }
                    }
                    if let kept, kept < limits[core] {
                        limits[core] = kept
                        hasChanged = true
                    }
                }
            }
            return limits
        }

        func releasedCount(_ core: Int) -> Int { Int(cores[core].gate.released.offset) }
    }

    @Test(arguments: 0..<60)
    func whatIsReleasedIsRecoveredAfterACrash(_ seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let world = World()
        for _ in 0..<400 {
            let core = UInt16.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let others = (0..<3 as Range<UInt16>).filter { other in
                    other != core && Bool.random(using: &random)
                }
                if !others.isEmpty { world.begin(core, others) }
            case 1, 2:
                let home = Int.random(in: 0..<3, using: &random)
                if !world.settling[home][Int(core)].isEmpty {
                    world.log(world.settling[home][Int(core)].removeFirst(), at: core)
                }
            case 3:
                let count = world.cores[Int(core)].parts.count
                world.sync(core, Int.random(in: 0...count, using: &random))
            case 4: world.tell(core)
            default:
                if let place = world.mail.indices.randomElement(using: &random) {
                    world.deliver(place)
                }
            }
            let kept = world.recovered()
            for core in 0..<3 { #expect(world.releasedCount(core) <= kept[core]) }
        }
        // Everything comes to its end: all is released.
        for home in 0..<3 {
            for core in 0..<3 as Range<UInt16> {
                for part in world.settling[home][Int(core)] { world.log(part, at: core) }
            }
        }
        for core in 0..<3 as Range<UInt16> {
            world.sync(core, world.cores[Int(core)].parts.count)
            world.tell(core)
        }
        while !world.mail.isEmpty { world.deliver(0) }
        for core in 0..<3 {
            #expect(world.releasedCount(core) == world.cores[core].parts.count)
        }
    }
}
