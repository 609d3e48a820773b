import Base
import TestSupport
import Testing

@testable import Log

/// Effects come slot by slot, and within a slot as they were written.
@Suite struct SegmentReplayTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func slotBySlot(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var machine = LogMachine(identity())
        let slots: [UInt16] = [0, 1, 7, 8191, 16_383]
        for number in 1...UInt64(50 + seed * 10) {
            let slot = slots[Int(random.next() % UInt64(slots.count))]
            machine.buffer.put("key", "\(number)", slot: slot, stamp: number)
            if random.next() % 5 == 0 { machine.turn() }
        }
        machine.turn()
        machine.sync()
        let recovered = try recover(machine.durable, manifest(identity()))
        #expect(recovered.effects == machine.history.map(\.content).bySlot)
    }

    /// Only what stands before the log's end is given, also where more follows.
    @Test func endsWithTheLog() throws {
        var machine = LogMachine(identity())
        for number in 1...40 as ClosedRange<UInt64> {
            machine.buffer.put("key", "\(number)", slot: UInt16(41 - number), stamp: number)
            machine.turn()
        }
        let whole = machine.allFiles()
        var torn = whole
        let end = Int(machine.history[24].end.offset)
        torn[1]![end + 20] ^= 1
        let recovered = try recover(torn, manifest(identity()))
        #expect(recovered.effects == machine.history.prefix(25).map(\.content).bySlot)
        try withBytes(whole[1]!) { bytes throws(LogFault) in
            let replay = try SegmentReplay(bytes, segment: 1, recovered.scan)
            #expect(replay.count == 25)
        }
    }
}
