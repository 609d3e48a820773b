import Base
import TestSupport
import Testing

@testable import Log

/// Transactions over several cores are recovered whole or not at all.
struct TransactionTests {
    /// Two or three cores that run transactions, and writes of their own in between.
    private struct Cores: ~Copyable {
        var first = LogMachine(identity(core: 0, cores: 3))
        var second = LogMachine(identity(core: 1, cores: 3))
        var third = LogMachine(identity(core: 2, cores: 3))
        private var stamp: UInt64 = 0

        mutating func withCore(_ core: Int, _ body: (inout LogMachine) -> Void) {
            switch core {
            case 0: body(&first)
            case 1: body(&second)
            default: body(&third)
            }
        }

        mutating func write(_ key: String, core: Int) {
            stamp += 1
            let stamp = stamp
            withCore(core) { $0.buffer.put(key, "own", slot: 1, stamp: stamp) }
        }

        mutating func transact(_ number: UInt64, home: UInt16, _ cores: [UInt16]) {
            stamp += 1
            let stamp = stamp
            for core in cores {
                var participants = GrowableArray<UInt16>()
                for core in cores { participants.append(core) }
                withCore(Int(core)) { machine in
                    machine.buffer.beginGroup()
                    machine.buffer.put("t\(home).\(number)", "a", slot: 1, stamp: stamp)
                    machine.buffer.put("u\(home).\(number)", "b", slot: 1, stamp: stamp)
                    machine.buffer.noteTransaction(
                        home: home, number: number, participants: participants)
                    machine.buffer.endGroup()
                }
            }
        }
    }

    /// The names of the keys that a core's recovery puts, with how often.
    private func recover(
        _ files: [[UInt32: [UInt8]]], _ manifests: [Manifest]
    ) throws -> [[String]] {
        var parts: [Recovered] = []
        for core in files.indices {
            parts.append(try Recovered(files[core], manifests[core]))
        }
        var scans = parts.map(\.scan)
        try Recovery.settleTransactions(&scans)
        return try files.indices.map { core in
            var part = parts[core]
            part.scan = scans[core]
            try part.replay(files[core])
            return part.effects.map { content in
                withBytes([UInt8](repeating: 0, count: 8) + content.bytes) {
                    Record(checked: $0).key.string
                }
            }
        }
    }

    private var manifests: [Manifest] {
        (0..<3).map { manifest(identity(core: UInt16($0), cores: 3)) }
    }

    /// Each core's log ends anywhere: a transaction is there on all of its cores or on none, and
    /// each core has a prefix of what it wrote.
    @Test func everyCombinationOfEnds() throws {
        var cores = Cores()
        cores.write("x", core: 0)
        cores.transact(1, home: 0, [0, 1])
        cores.write("y", core: 1)
        cores.transact(1, home: 2, [1, 2])
        cores.write("z", core: 2)
        cores.transact(2, home: 0, [0, 2])
        cores.write("w", core: 0)
        cores.transact(2, home: 2, [0, 1, 2])
        for core in 0..<3 { cores.withCore(core) { $0.turn() } }
        let files = [cores.first.allFiles(), cores.second.allFiles(), cores.third.allFiles()]
        let whole = try recover(files, manifests)
        #expect(whole.map(\.count) == [8, 7, 7])

        // All places in one core's log that end a record.
        func cuts(_ file: [UInt8]) -> [Int] {
            Array(stride(from: FileHeader.size, through: file.count, by: 32)) + [file.count]
        }
        for first in cuts(files[0][1]!) {
            for second in cuts(files[1][1]!) {
                for third in cuts(files[2][1]!) {
                    let torn: [[UInt32: [UInt8]]] = [
                        [1: Array(files[0][1]![..<first])], [1: Array(files[1][1]![..<second])],
                        [1: Array(files[2][1]![..<third])],
                    ]
                    check(try recover(torn, manifests), whole)
                }
            }
        }
    }

    private func check(_ found: [[String]], _ whole: [[String]]) {
        for core in found.indices {
            #expect(found[core] == Array(whole[core].prefix(found[core].count)))
            for key in found[core] where key.hasPrefix("t") {
                for other in whole.indices where whole[other].contains(key) {
                    #expect(found[other].contains(key))
                    #expect(found[other].contains("u" + key.dropFirst()))
                }
            }
        }
    }

    /// A part that a snapshot covers is known from the manifest.
    @Test func whatASnapshotCoversIsThere() throws {
        var cores = Cores()
        cores.transact(5, home: 0, [0, 1])
        cores.withCore(0) { $0.turn() }
        let files = [cores.first.allFiles(), LogMachine(identity(core: 1, cores: 3)).durable]
        var known = Array(manifests.prefix(2))
        #expect(try recover(files, known) == [[], []])
        known[1].seen = [0: 5]
        #expect(try recover(files, known) == [["t0.5", "u0.5"], []])
        known[1].seen = [0: 4]
        #expect(try recover(files, known) == [[], []])
        // What was complete once cannot lack a part.
        known[0].synced = cores.first.writer.position
        #expect(throws: LogFault.self) { try recover(files, known) }
    }
}
