import Base
import Log
import Placement

@testable import Engine

/// A snapshot that a harness writes beside the commands that it runs, in parts of all sizes.
final class SnapshotInTest {
    private var random: SplitMix64
    private let isOn: Bool
    private var walk = SnapshotWalk()
    private var records = LogBuffer()
    private var isBegun = false
    private var begunCount = 0
    private var isDone = false
    /// Of each part; nil for any.
    var budgets: [Int]?

    init(seed: UInt64, isOn: Bool) {
        random = SplitMix64(seed: seed)
        self.isOn = isOn
    }

    /// Begins a snapshot now and then, and writes a part of it.
    func advance(_ engine: inout Engine) {
        if !isOn { return }
        if !isBegun || isDone {
            // Walks over empty slots take their time.
            if Int.random(in: 0..<(8 << min(begunCount, 20)), using: &random) != 0 { return }
            begin()
        }
        guard let budget = (budgets ?? [1, 3, 20, 700, 4000]).randomElement(using: &random) else {
            return
        }
        isDone = engine.writeSnapshot(
            &walk, into: &records, budget: budget, resting: SlotSet())
    }

    func begin() {
        walk = SnapshotWalk()
        records = LogBuffer()
        isBegun = true
        begunCount += 1
        isDone = false
    }

    /// Begins one that has passed all slots before a key's, which are empty.
    func begin(at key: String, _ engine: borrowing Engine) {
        begin()
        walk.slot = OwnedBytes(Array(key.utf8)).withBytes { Int(engine.reference($0).slot) }
    }

    /// Writes what is left; the file.
    func finish(_ engine: inout Engine, _ identity: FileIdentity) -> OwnedBytes {
        if !isBegun { begin() }
        while !isDone {
            isDone = engine.writeSnapshot(
                &walk, into: &records, budget: 100, resting: SlotSet())
        }
        let header = FileHeader(.snapshot, identity, number: 1, salt: 7)
        var file = OutputBuffer()
        header.append(to: &file)
        var writer = SnapshotWriter(salt: header.salt)
        file.append(writer.place(&records, isLast: true))
        return unsafe OwnedBytes(Array(file.bytes.buffer))
    }
}
