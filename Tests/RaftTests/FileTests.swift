import Base
import Log
import Testing

@testable import Raft

/// A node's file: what crashes leave of it, and what is damage.
struct FileTests {
    private func founded() -> RecoveredState { .founding(Sample.members([1, 2, 3])) }

    private func disk() -> SimDisk { SimDisk(node(1), founded(), random: SplitMix64(seed: 9)) }

    private func recover(_ disk: SimDisk) throws -> RecoveredState {
        try SimDisk.recover(disk.files, node(1)).state
    }

    /// The requests of a small history: a vote, entries, a conflict, a snapshot, entries behind it.
    private var history: [PersistRequest] {
        var snapshot = Sample.request(5, term: 3, vote: 2)
        snapshot.snapshot = Snapshot(
            last: Sample.id(2, 1), configuration: Sample.members([1, 2]), state: [1, 2, 3])
        snapshot.base = Sample.id(1, 1)
        snapshot.entries = [Sample.entry(2, 1, "b"), Sample.entry(3, 3, "other")]
        return [
            Sample.request(1, term: 1, vote: 1, [Sample.entry(1, 1)]),
            Sample.request(
                2, term: 1, vote: 1, [Sample.entry(2, 1, "b"), Sample.entry(3, 1, "c")]),
            Sample.request(3, term: 3, vote: nil),
            Sample.request(4, term: 3, vote: 2, [Sample.entry(3, 3, "other")]), snapshot,
            Sample.request(
                6, term: 3, vote: 2, [Sample.entry(4, 3, "d"), Sample.entry(5, 3, "e")]),
        ]
    }

    @Test func whatIsSyncedIsReadAgain() throws {
        var disk = disk()
        for request in history {
            disk.write(request)
            #expect(disk.sync() == request.sequence)
            #expect(try recover(disk) == disk.durable)
        }
        #expect(disk.files.count == 1)
        #expect(disk.durable.base == Sample.id(1, 1))
        #expect(disk.durable.last == Sample.id(5, 3))
    }

    /// Every prefix of the history synced, every further part of it written, and every way in which
    /// the disk may treat each write that was not synced.
    @Test func everyCrashOfASmallHistory() throws {
        var crashes = 0
        let fates = SimDisk.Fate.allCases
        for synced in 0...history.count {
            for written in synced...min(synced + 3, history.count) {
                var disk = disk()
                for request in history[..<synced] {
                    disk.write(request)
                    _ = disk.sync()
                }
                for request in history[synced..<written] { disk.write(request) }
                var total = 1
                for _ in synced..<written { total *= fates.count }
                for combination in 0..<total {
                    var rest = combination
                    let drawn = disk.pending.map { _ in
                        defer { rest /= fates.count }
                        return fates[rest % fates.count]
                    }
                    var crashed = disk
                    let outcome = crashed.crash(drawn, random: SplitMix64(seed: 1))
                    #expect(throws: Never.self) { try outcome.get() }
                    // And what it left is a node's file again.
                    #expect(try recover(crashed) == crashed.durable)
                    crashes += 1
                }
            }
        }
        print("crashes of consensus files: \(crashes)")
        #expect(crashes == 662)
    }

    /// A file that is cut behind its first part is torn: each mark claims what is before it. Its
    /// first part was there when it got its name.
    @Test func everyPrefixOfAFile() throws {
        var disk = disk()
        let first = try #require(disk.files[1]).count
        for request in history.prefix(4) { disk.write(request) }
        let possible = disk.possibleStates
        while disk.sync() != nil {}
        let file = try #require(disk.files[1])
        for count in 0..<first {
            #expect(throws: LogFault.self, "cut to \(count)") {
                try SimDisk.recover([1: Array(file.prefix(count))], node(1))
            }
        }
        for count in first...file.count {
            let found = try SimDisk.recover([1: Array(file.prefix(count))], node(1))
            #expect(possible.contains(found.state), "cut to \(count)")
        }
    }

    /// Any byte of what is claimed to be synced may go wrong: that is noticed, and never taken for
    /// a torn tail.
    @Test func everyBitOfWhatWasSyncedIsGuarded() throws {
        var disk = disk()
        for request in history {
            disk.write(request)
            _ = disk.sync()
        }
        // A mark that claims all of it.
        disk.write(Sample.request(7, term: 3, vote: 2))
        let claimed = try #require(disk.files[2]).count
        _ = disk.sync()
        let file = try #require(disk.files[2])
        for place in 0..<claimed {
            var damaged = file
            damaged[place] ^= 1 << UInt8(place % 8)
            #expect(throws: LogFault.self, "byte \(place)") {
                try SimDisk.recover([2: damaged], node(1))
            }
        }
        #expect(try SimDisk.recover([2: file], node(1)).isTorn == false)
    }

    @Test func garbageBehindTheEndIsTorn() throws {
        var disk = disk()
        disk.write(history[0])
        _ = disk.sync()
        let file = try #require(disk.files[1])
        for tail in [[UInt8](repeating: 255, count: 40), [1], Array(file.suffix(96))] {
            let found = try SimDisk.recover([1: file + tail], node(1))
            #expect(found.isTorn)
            #expect(found.state == disk.durable)
        }
        let zeros = try SimDisk.recover([1: file + [UInt8](repeating: 0, count: 50)], node(1))
        #expect(!zeros.isTorn)
    }

    @Test func aFileOfAnotherIsRefused() throws {
        let file = try #require(disk().files[1])
        #expect(throws: LogFault(file: "00000001.raft", offset: 0, .otherIdentity)) {
            try SimDisk.recover([1: file], node(2))
        }
        #expect(throws: LogFault(file: "00000002.raft", offset: 0, .otherNumber)) {
            try SimDisk.recover([2: file], node(1))
        }
    }

    /// After a crash between rename and deletion both files are there: the higher one counts.
    @Test func theHighestGenerationCounts() throws {
        var disk = disk()
        for request in history.prefix(4) {
            disk.write(request)
            _ = disk.sync()
        }
        disk.write(history[4])
        let files = disk.afterCrash([.whole])
        #expect(files.count == 2)
        let found = try SimDisk.recover(files, node(1))
        #expect(found.generation == 2)
        #expect(found.state.snapshot.state == [1, 2, 3])
    }

    /// Right checksums around what makes no sense: from another version, or our error.
    @Test func rightBytesThatMakeNoSenseAreDamage() throws {
        let file = try #require(disk().files[1])
        let header = try withBytes(file) { bytes in
            try FileHeader(
                bytes, .consensus, FileIdentity(node: node(1), layout: 0, core: 0, cores: 0),
                number: 1)
        }
        func check(_ expected: FaultReason, _ write: (inout RaftRecordWriter) -> Void) {
            var records = RaftRecordWriter(salt: header.salt, start: UInt64(file.count))
            records.hardState(HardState(term: Term(2), vote: nil))
            write(&records)
            let tail = records.finish().array
            let offset = UInt64(file.count + RecordLayout.headerSize)
            #expect(throws: LogFault(file: "00000001.raft", offset: offset, expected)) {
                try SimDisk.recover([1: file + tail], node(1))
            }
        }
        check(.order) { $0.entry(Sample.entry(2, 1)) }
        check(.order) { $0.entry(Sample.entry(0, 1)) }
        check(.order) { $0.entry(Sample.entry(1, 3)) }
        check(.order) { $0.hardState(HardState(term: Term(1), vote: nil)) }
        check(.order) {
            $0.snapshot(
                Snapshot(last: .zero, configuration: Configuration(), state: []), base: .zero)
        }
    }

    /// Bytes of anybody: never a crash, and never a state that a node cannot start with.
    @Test func mutatedFilesAreRefusedOrSound() throws {
        var disk = disk()
        for request in history {
            disk.write(request)
            _ = disk.sync()
        }
        let file = try #require(disk.files[2])
        var random = SplitMix64(seed: 12)
        for _ in 0..<5_000 {
            var bytes = file
            for _ in 0...random.next() % 4 {
                let place = Int(random.next() % UInt64(bytes.count))
                bytes[place] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)) + 1))
            guard let found = try? SimDisk.recover([2: bytes], node(1)) else { continue }
            RaftLog(
                snapshot: found.state.snapshot, base: found.state.base,
                entries: found.state.entries
            ).checkInvariants()
        }
    }
}
