import Base
import TestSupport
import Testing

@testable import Log

/// What a crash leaves is cut, what it cannot have done is damage, and nothing wrong is accepted.
struct TornTailTests {
    /// Four batches: the first three are synced one after the other, so that the fourth claims
    /// what the first three hold.
    private func machine() -> LogMachine {
        var machine = LogMachine(identity())
        for turn in 1...4 {
            for write in 0..<turn {
                machine.buffer.put(
                    "key\(turn)", String(repeating: "v", count: 3 + write), slot: 5,
                    stamp: UInt64(10 * turn + write))
            }
            machine.turn()
            if turn < 4 { machine.sync() }
        }
        return machine
    }

    @Test func aWholeLogIsRecoveredWhole() throws {
        let machine = machine()
        let recovered = try recover(machine.allFiles(), manifest(identity()))
        #expect(recovered.effects == machine.history.map(\.content))
        #expect(!recovered.scan.isTorn)
        #expect(recovered.scan.end == machine.writer.position)
    }

    /// The last batch ends at every byte, with nothing, zeros, or garbage behind it.
    @Test(arguments: [nil, 0, 0xA5] as [UInt8?])
    func theLastBatchTornAtEveryByte(_ rest: UInt8?) throws {
        let machine = machine()
        let file = machine.allFiles()[1]!
        let synced = Int(machine.writer.synced.offset)
        let expected = machine.history.map(\.content)
        for end in synced..<file.count {
            var torn = Array(file[..<end])
            if let rest { torn += [UInt8](repeating: rest, count: file.count - end) }
            if torn == file { continue }
            let recovered = try recover([1: torn], manifest(identity()))
            #expect(recovered.effects.count >= machine.syncedCount)
            #expect(recovered.effects.count < expected.count)
            #expect(recovered.effects == Array(expected.prefix(recovered.effects.count)))
            // Zeros behind the cut may be just what was there: padding.
            let kept = Int(recovered.scan.end.offset)
            #expect(torn.prefix(kept) == file.prefix(kept))
        }
    }

    /// Every bit of the file is turned once: below what is claimed to be synced it is damage, with
    /// its place; above it a cut. Never does another record come out.
    @Test func everyBitTurned() throws {
        let machine = machine()
        let file = machine.allFiles()[1]!
        let expected = machine.history.map(\.content)
        let claimed = Int(machine.writer.synced.offset)
        let lastMark = claimed..<claimed + RecordLayout.headerSize
        var (damaged, cut) = (0, 0)
        for bit in 0..<8 * file.count {
            var turned = file
            turned[bit / 8] ^= 1 << (bit % 8)
            do {
                let recovered = try recover([1: turned], manifest(identity()))
                cut += 1
                #expect(recovered.scan.isTorn)
                #expect(recovered.effects.count < expected.count)
                #expect(recovered.effects == Array(expected.prefix(recovered.effects.count)))
                #expect(Int(recovered.scan.end.offset) <= bit / 8)
                #expect(bit / 8 >= claimed, "bit \(bit) was promised")
            } catch let fault as LogFault {
                damaged += 1
                #expect(bit / 8 < claimed, "bit \(bit): \(fault)")
                #expect(fault.file == "layout-1/core-1/00000001.log")
                #expect(fault.offset <= UInt64(bit / 8))
                #expect(fault.offset + 256 > UInt64(bit / 8))
            }
        }
        #expect(damaged == 8 * claimed)
        #expect(cut == 8 * (file.count - claimed))
        #expect(lastMark.upperBound < file.count)
    }

    /// The same, where the manifest alone knows.
    @Test func aLostEndIsDamageWhereTheManifestKnowsBetter() throws {
        let machine = machine()
        let file = machine.allFiles()[1]!
        var known = manifest(identity())
        known.synced = machine.writer.position
        #expect(throws: Never.self) { try recover([1: file], known) }
        for end in FileHeader.size..<file.count {
            #expect(throws: LogFault.self) { try recover([1: Array(file[..<end])], known) }
        }
    }

    /// A record moved to another place, or kept from an earlier use of the file, is no record.
    @Test func recordsAreValidInTheirPlaceOnly() throws {
        let machine = machine()
        let file = machine.allFiles()[1]!
        let record = FileHeader.size + RecordLayout.headerSize
        let span = 48
        var moved = Array(file[..<Int(machine.writer.synced.offset)])
        let whole = try recover([1: moved], manifest(identity())).effects.count
        moved += file[record..<record + span]
        let recovered = try recover([1: moved], manifest(identity()))
        #expect(recovered.effects.count == whole)
        #expect(recovered.scan.isTorn)
    }

    /// A group that is not whole goes as a whole.
    @Test func groupsAreWholeOrGone() throws {
        var machine = LogMachine(identity())
        machine.buffer.put("before", "1", slot: 1, stamp: 1)
        machine.turn()
        machine.buffer.put("alone", "2", slot: 1, stamp: 2)
        machine.buffer.beginGroup()
        for number in 0..<3 {
            machine.buffer.put("member\(number)", "3", slot: 1, stamp: 3 + UInt64(number))
        }
        machine.buffer.endGroup()
        machine.turn()
        let file = machine.allFiles()[1]!
        var counts: Set<Int> = []
        for end in FileHeader.size...file.count {
            counts.insert(
                try recover([1: Array(file[..<end])], manifest(identity())).effects.count)
        }
        #expect(counts == [0, 1, 2, 5])
    }

    /// A client that stores bytes that look like marks cannot make a torn tail look like damage.
    @Test func valuesThatLookLikeMarksProveNothing() throws {
        var machine = LogMachine(identity())
        machine.buffer.put("a", "1", slot: 1, stamp: 1)
        machine.turn()
        machine.sync()
        var value = LogBuffer()
        value.writeMark(synced: LogPosition(segment: 9, offset: 0))
        value.writeChecksums(from: 0, salt: 0, at: 0)
        let mark = array(value.content)
        withBytes(Array("key.".utf8)) { key in
            withBytes(mark + mark + mark) { value in
                machine.buffer.putString(1, 2, key, value, deadline: nil)
            }
        }
        machine.turn()
        var file = machine.allFiles()[1]!
        file[Int(machine.writer.synced.offset) + RecordLayout.headerSize] ^= 1
        #expect(try recover([1: file], manifest(identity())).effects.count == 1)
    }
}
