import Base
import TestSupport
import Testing

@testable import Log

/// All the ways in which a disk may lose, tear and reorder what was not synced, over small
/// histories.
struct CrashTests {
    /// What a crash leaves of one unsynced write.
    private enum Fate: CaseIterable {
        case absent, whole, firstHalf, secondHalf, holeInside

        func apply(_ write: LogMachine.PendingWrite, to files: inout [UInt32: [UInt8]]) {
            let count = write.bytes.count
            // Disks tear at sectors; the smallest piece that they might keep is enough for a test.
            let middle = count / 2 & ~7
            let kept: [Range<Int>] =
                switch self {
                case .absent: []
                case .whole: [0..<count]
                case .firstHalf: [0..<middle]
                case .secondHalf: [middle..<count]
                case .holeInside: [0..<32, 64..<count]
                }
            for range in kept {
                var part = write
                part.offset += range.lowerBound
                part.bytes = Array(write.bytes[range])
                LogMachine.apply(part, to: &files)
            }
        }
    }

    /// Calls `body` with what each combination of fates leaves.
    private func forEachCrash(
        _ machine: borrowing LogMachine, _ body: ([UInt32: [UInt8]]) throws -> Void
    ) rethrows {
        let fates = Fate.allCases
        var total = 1
        for _ in machine.pending { total *= fates.count }
        for combination in 0..<total {
            var files = machine.durable
            var rest = combination
            for write in machine.pending {
                fates[rest % fates.count].apply(write, to: &files)
                rest /= fates.count
            }
            try body(files)
        }
    }

    /// Turns and syncs, one letter each, over segments so small that they change: after every
    /// crash all that was synced is there, what is there is a prefix, and nothing is called damage.
    @Test(arguments: 1...127)
    func everyCrashOfEveryShortHistory(_ plan: Int) throws {
        var machine = LogMachine(identity(), segmentSizeMax: 400)
        var plan = plan
        var number: UInt64 = 0
        while plan > 1 {
            if plan % 2 == 0 {
                number += 1
                machine.buffer.put("key\(number)", "value", slot: 1, stamp: number)
                number += 1
                machine.buffer.put("k", "v\(number)", slot: 2, stamp: number)
                machine.turn()
            } else {
                machine.sync()
            }
            if machine.pending.count > 4 { break }
            plan /= 2
        }
        let history = machine.history.map(\.content)
        let synced = machine.syncedCount
        try forEachCrash(machine) { files in
            let recovered = try recover(files, manifest(identity()))
            #expect(recovered.effects.count >= synced)
            let prefix = Array(history.prefix(recovered.effects.count))
            #expect(recovered.effects.bySlot == prefix.bySlot)
        }
    }

    /// A byte of what was synced, and known to be, is lost in a crash as well: never cut.
    @Test func damageBesidesACrashIsDamage() throws {
        var machine = LogMachine(identity(), segmentSizeMax: 400)
        for number in 1...7 {
            machine.buffer.put("key\(number)", "value", slot: 1, stamp: UInt64(number))
            machine.turn()
            if number < 5 { machine.sync() }
        }
        #expect(machine.durable.count > 1)
        let promised = machine.writer.synced
        let history = machine.history.map(\.content)
        var (crashes, faults) = (0, 0)
        try forEachCrash(machine) { files in
            for (number, file) in files where number <= promised.segment {
                let end = number < promised.segment ? file.count : Int(promised.offset)
                for place in stride(from: 0, to: end, by: 3) {
                    var damaged = files
                    damaged[number]![place] ^= 0x10
                    crashes += 1
                    do {
                        // Where no batch with the last claim is left, the last synced one may
                        // pass for a torn tail: the downside that the page names.
                        let recovered = try recover(damaged, manifest(identity()))
                        #expect(
                            recovered.effects
                                == Array(history.prefix(recovered.effects.count)))
                        #expect(recovered.effects.count >= machine.syncedCount - 1)
                    } catch is LogFault {
                        faults += 1
                    }
                }
            }
        }
        #expect(faults > crashes / 2)
    }

    /// After a crash the log is cut and goes on in a new segment; the past does not come back.
    @Test func whatWasCutStaysCut() throws {
        var machine = LogMachine(identity())
        for number in 1...4 {
            machine.buffer.put("old\(number)", "value", slot: 1, stamp: UInt64(number))
            machine.turn()
            if number == 1 { machine.sync() }
        }
        try forEachCrash(machine) { files in
            let first = try recover(files, manifest(identity()))
            var mended = files
            try Self.mend(&mended, first.scan)
            var second = LogMachine(identity(), segment: first.scan.end.segment + 1)
            second.buffer.put("new", "value", slot: 1, stamp: 9)
            second.turn()
            for (number, file) in second.allFiles() { mended[number] = file }
            let both = try recover(mended, manifest(identity()))
            #expect(both.effects == first.effects + second.history.map(\.content))
            #expect(!both.scan.isTorn)
        }
    }

    /// A crash between two steps of the repair, and a second one, leave the same log.
    @Test func repairCanBeRepeated() throws {
        var machine = LogMachine(identity(), segmentSizeMax: 300)
        for number in 1...8 {
            machine.buffer.put("key\(number)", "value", slot: 1, stamp: UInt64(number))
            machine.turn()
            if number == 2 { machine.sync() }
        }
        try forEachCrash(machine) { files in
            let first = try recover(files, manifest(identity()))
            var mended = files
            try Self.mend(&mended, first.scan)
            // Deleted from the last one on, and cut, but not sealed; or sealed and found again.
            var steps = [mended]
            var partly = files
            for number in files.keys.sorted().reversed() where number > first.scan.end.segment {
                partly[number] = nil
                steps.append(partly)
            }
            partly[first.scan.end.segment]!.removeSubrange(Int(first.scan.end.offset)...)
            steps.append(partly)
            for var files in steps {
                let again = try recover(files, manifest(identity()))
                #expect(again.effects == first.effects)
                try Self.mend(&files, again.scan)
                #expect(files == mended)
            }
        }
    }

    /// Cuts the files at the log's end and seals the last one, as a node does after recovery.
    static func mend(_ files: inout [UInt32: [UInt8]], _ scan: LogScan) throws {
        let repair = scan.repair(files.keys.min()!...files.keys.max()!)
        let end = repair.end
        for number in files.keys where repair.deleted?.contains(number) == true {
            files[number] = nil
        }
        let file = files[end.segment]!
        if !repair.needsSeal {
            files[end.segment] = Array(file[..<Int(end.offset)])
            return
        }
        let seal = try withBytes(file) { bytes throws(FaultReason) in
            let header = try FileHeader(
                bytes, .segment, scan.manifest.identity, number: end.segment)
            return written { header.appendSeal(at: end.offset, to: &$0) }
        }
        files[end.segment] = Array(file[..<Int(end.offset)]) + seal
    }
}
