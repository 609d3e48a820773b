import Base
import Layouts
import TestSupport
import Testing

@testable import Log

/// A data directory in memory whose process is killed after so many steps.
private struct RepairDisk: LayoutStorage {
    var memory = MemoryStorage()
    var stepsLeft = Int.max
    var stepCount = 0

    func list(_ folder: String, into names: inout [String]) {
        if folder.isEmpty {
            for path in memory.files.keys { names.append(String(path.split(separator: "/")[0])) }
        } else {
            for path in memory.files.keys where path.hasPrefix(folder + "/") {
                let rest = path.dropFirst(folder.count + 1)
                names.append(String(rest.split(separator: "/")[0]))
            }
        }
    }

    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        try memory.read(path, body)
    }

    private mutating func step() throws {
        if stepsLeft == 0 { throw Interruption() }
        stepsLeft -= 1
        stepCount += 1
    }

    mutating func makeFolder(_ path: String) throws { try step() }

    mutating func removeFolder(_ path: String) throws {
        try step()
        memory.files = memory.files.filter { !$0.key.hasPrefix(path + "/") }
    }

    mutating func create(_ path: String) throws {
        try step()
        memory.files[path] = []
    }

    mutating func append(_ path: String, _ bytes: Bytes) throws {
        try step()
        memory.files[path]! += array(bytes)
    }

    mutating func sync(_ path: String) throws { try step() }

    mutating func rename(_ path: String, to name: String) throws {
        try step()
        for (old, bytes) in memory.files where old == path || old.hasPrefix(path + "/") {
            memory.files[old] = nil
            memory.files[name + old.dropFirst(path.count)] = bytes
        }
    }
}

/// What is damaged, what is kept, what is told, and what an interruption leaves.
struct RepairTests {
    private static let cores: UInt16 = 2
    private static let data = DataIdentity(node: node, layout: 1, cores: cores, starts: 3)

    private static func snapshot(_ core: UInt16) -> [UInt8] {
        let header = FileHeader(.snapshot, data.files(ofCore: core), number: 1, salt: 77)
        var writer = SnapshotWriter(salt: header.salt)
        var buffer = LogBuffer()
        for slot in 0..<6 as Range<UInt16> {
            for name in ["a", "b"] {
                buffer.put("c\(core)s\(slot)\(name)", "old", slot: slot, stamp: 10)
            }
            buffer.appendBare(.slotEnd, slot: slot, stamp: 20)
        }
        return written { header.append(to: &$0) } + array(writer.place(&buffer, isLast: true))
    }

    /// Two cores with a snapshot and some segments each: keys of their own, changes of what the
    /// snapshot holds, and two transactions over both cores.
    private static func example() -> RepairDisk {
        var disk = RepairDisk()
        disk.memory.files["IDENTITY"] = written { data.write(to: &$0) }
        for core in 0..<cores {
            let identity = data.files(ofCore: core)
            var machine = LogMachine(identity, segment: 2, segmentSizeMax: 400)
            for number in 1...16 as ClosedRange<UInt64> {
                write(number, core, &machine.buffer)
                machine.turn()
                machine.sync()
            }
            for (number, file) in machine.allFiles() {
                disk.memory.files[Manifest.path(.segment(number), identity)] = file
            }
            let snapshot = snapshot(core)
            disk.memory.files[Manifest.path(.snapshot(1), identity)] = snapshot
            let manifest = Manifest(
                identity, firstSegment: 2, synced: LogPosition(segment: 2, offset: 64),
                snapshot: Manifest.Snapshot(number: 1, size: UInt64(snapshot.count)))
            disk.memory.files[Manifest.path(identity)] = written { manifest.write(to: &$0) }
        }
        return disk
    }

    private static func write(_ number: UInt64, _ core: UInt16, _ buffer: inout LogBuffer) {
        if number == 8 || number == 14 {
            var participants = GrowableArray<UInt16>()
            for core in 0..<cores { participants.append(core) }
            buffer.beginGroup()
            buffer.put("c\(core)t\(number)", "all", slot: 100, stamp: number)
            buffer.noteTransaction(
                home: 0, number: 3 << 40 | number, participants: participants)
            buffer.endGroup()
            return
        }
        let slot = UInt16(number % 6)
        if number % 4 == 0 {
            // It changes a part of what the snapshot holds.
            withBytes(Array("c\(core)s\(slot)a".utf8)) { key in
                withBytes(Array("x".utf8)) {
                    buffer.appendEffect(.splice, slot, 20 + number, key, number: 3, $0)
                }
            }
        } else {
            buffer.put("c\(core)n\(number)", "new", slot: slot, stamp: 20 + number)
        }
    }

    /// Every key and value that a start would find. A change of a key that is not there is "half".
    private static func state(_ disk: RepairDisk) throws -> [String: String] {
        let check = DirectoryCheck(disk)
        #expect(check.faults == [])
        guard let identity = check.identity else { return [:] }
        var values: [String: String] = [:]
        func apply(_ record: Record) {
            let key = record.key.string
            switch record.effect {
            case .putString(let value): values[key] = value.string
            case .splice(_, let part): values[key] = values[key].map { $0 + part.string } ?? "half"
            default: Issue.record("no such effect was written")
            }
        }
        for core in 0..<identity.cores {
            let own = identity.files(ofCore: core)
            let manifest = try withBytes(disk.memory.files[Manifest.path(own)]!) {
                (bytes) throws(LogFault) in try Manifest(bytes, own)
            }
            var stamps = SlotStamps()
            if let snapshot = manifest.snapshot {
                let path = Manifest.path(.snapshot(snapshot.number), own)
                try withBytes(disk.memory.files[path]!) { (bytes) throws(LogFault) in
                    var reader = try SnapshotReader(
                        front: bytes, fileSize: UInt64(bytes.count), snapshot, own)
                    reading: while true {
                        switch try reader.next(in: bytes, from: 0) {
                        case .effect(let record): apply(record)
                        case .slotEnd(let slot, let stamp): stamps.set(slot, stamp)
                        default: break reading
                        }
                    }
                }
            }
            var segments: [UInt32: [UInt8]] = [:]
            for number in manifest.firstSegment... {
                guard let file = disk.memory.files[Manifest.path(.segment(number), own)] else {
                    break
                }
                segments[number] = file
            }
            let recovered = try Recovered(segments, manifest)
            for number in segments.keys.sorted() {
                try withBytes(segments[number]!) { (bytes) throws(LogFault) in
                    var replay = try SegmentReplay(bytes, segment: number, recovered.scan)
                    while let record = replay.next() {
                        if stamps.lack(record) { apply(record) }
                    }
                }
            }
        }
        return values
    }

    private static func path(_ name: FileName, core: UInt16 = 0) -> String {
        Manifest.path(name, data.files(ofCore: core))
    }

    /// Repairs, and expects that all is well afterwards and the old files are as they were.
    private static func repair(
        _ disk: inout RepairDisk
    ) throws -> (report: RepairReport, state: [String: String]) {
        let old = disk.memory.files.filter { $0.key.hasPrefix("layout-1/") }
        let report = try DirectoryRepair.repair(&disk, salt: 5)
        for (path, bytes) in old { #expect(disk.memory.files[path] == bytes, "\(path)") }
        let state = try state(disk)
        #expect(!state.values.contains { $0.hasPrefix("half") }, "\(state)")
        let again = try DirectoryRepair.repair(&disk, salt: 6)
        #expect(again.newLayout == nil)
        return (report, state)
    }

    @Test func whatIsSoundStaysAsItIs() throws {
        var disk = Self.example()
        let before = disk.memory.files
        let (report, state) = try Self.repair(&disk)
        #expect(report.newLayout == nil)
        #expect(report.allFaults == [])
        #expect(disk.memory.files == before)
        #expect(state.count == 24 + 22 + 4)
    }

    /// A byte turned anywhere, or a file that is gone: what is there afterwards was there before,
    /// and what is not there or older is told.
    @Test func anythingMayBeDamaged() throws {
        let sound = Self.example()
        let all = try Self.state(sound)
        for path in sound.memory.files.keys.sorted() {
            for place in stride(from: -1, to: sound.memory.files[path]!.count, by: 19) {
                var disk = sound
                if place < 0 {
                    disk.memory.files[path] = nil
                } else {
                    disk.memory.files[path]![place] ^= 16
                }
                let faults = DirectoryCheck(disk).faults
                // Of a newer version: neither started nor repaired. A torn tail is no damage.
                if faults.contains(where: { $0.reason == .newerFormat }) { continue }
                if faults.isEmpty { continue }
                let (report, state) = try Self.repair(&disk)
                #expect(report.newLayout == 2, "\(path) at \(place)")
                #expect(!report.allFaults.isEmpty)
                let names = report.cores.flatMap(\.staleKeys.names)
                let stale = names.map { String(decoding: $0, as: UTF8.self) }
                let untold = all.filter { state[$0.key] != $0.value && !stale.contains($0.key) }
                // Of what cannot be read nobody knows the name: a record, or all of a file.
                let limit = place < 0 ? 12 : 1
                #expect(untold.count <= limit, "\(path) at \(place): \(untold)")
                if !untold.isEmpty {
                    let isTold = report.cores.contains { core in
                        core.uncertainSlotCount > 0
                            || core.lost.contains { $0.unreadableByteCount > 0 }
                            || core.faults.contains { $0.reason == .missingSegment }
                    }
                    #expect(isTold, "\(path) at \(place): \(untold)")
                }
                for (key, value) in state {
                    #expect(all[key]?.hasPrefix(value) == true, "\(path) at \(place): \(key)")
                }
            }
        }
    }

    /// What says where things are, and not what they are, can be found out.
    @Test(arguments: ["IDENTITY", path(.manifest), path(.segment(3)), path(.snapshot(1))])
    func headersAndManifestsCostNothing(path: String) throws {
        let all = try Self.state(Self.example())
        var disk = Self.example()
        disk.memory.files[path]![20] ^= 1
        #expect(DirectoryCheck(disk).faults.first?.file == path)
        let (report, state) = try Self.repair(&disk)
        #expect(report.allFaults.first?.file == path)
        #expect(state == all)
    }

    @Test func aDamagedRecordEndsTheLogOfItsCoreAndItsTransactions() throws {
        var disk = Self.example()
        // In the first batch: both transactions go, on both cores.
        disk.memory.files[Self.path(.segment(2))]![120] ^= 1
        let (report, state) = try Self.repair(&disk)
        #expect(report.cores[0].cutAt == LogPosition(segment: 2, offset: 96))
        #expect(report.cores[0].logRecordCount == 0)
        #expect(report.cores[1].logRecordCount == 7)
        #expect(report.cores[1].faults == [])
        #expect(report.cores[0].lost.first?.file == Self.path(.segment(2)))
        #expect(report.cores[0].lost.first?.offset == 96)
        #expect(report.cores[0].lost.map(\.recordCount).reduce(0, +) == 15)
        #expect(report.cores[0].lost.map(\.unreadableByteCount).reduce(0, +) > 0)
        #expect(state["c0s4a"] == "old")
        #expect(state["c1t8"] == nil)
        #expect(state["c1n7"] == "new")
    }

    @Test func aMissingSegmentEndsTheLog() throws {
        var disk = Self.example()
        disk.memory.files[Self.path(.segment(3), core: 1)] = nil
        let (report, state) = try Self.repair(&disk)
        #expect(report.cores[1].faults.map(\.reason) == [.missingSegment])
        #expect(report.cores[1].lost.contains { $0.file == Self.path(.segment(4), core: 1) })
        #expect(state["c1n1"] == "new")
    }

    /// The slot with the damage loses what cannot be read; all others, and the log, are kept.
    @Test func aDamagedSnapshotKeepsTheOtherSlots() throws {
        let all = try Self.state(Self.example())
        var disk = Self.example()
        let place = Self.snapshot(0).firstRange(of: Array("c0s2a".utf8))!.lowerBound
        disk.memory.files[Self.path(.snapshot(1))]![place] ^= 1
        let (report, state) = try Self.repair(&disk)
        #expect(report.cores[0].missingSnapshotRecordCount == 1)
        #expect(report.cores[0].uncertainSlotCount == 1)
        #expect(report.cores[0].lost.count == 1)
        #expect(all.filter { state[$0.key] != $0.value }.map(\.key) == ["c0s2a"])
    }

    @Test func anInterruptionAnywhereCostsNothing() throws {
        var broken = Self.example()
        broken.memory.files[Self.path(.segment(4))]![100] ^= 1
        let faults = DirectoryCheck(broken).faults
        var whole = broken
        let expected = try Self.repair(&whole).state
        for steps in 0..<whole.stepCount {
            var disk = broken
            disk.stepsLeft = steps
            #expect(throws: Interruption.self) {
                _ = try DirectoryRepair.repair(&disk, salt: 5)
            }
            disk.stepsLeft = .max
            let found = DirectoryCheck(disk).faults
            #expect(found == faults || found.isEmpty)
            _ = try DirectoryRepair.repair(&disk, salt: 7)
            #expect(try Self.state(disk) == expected, "after \(steps) steps")
        }
    }

    @Test func aNewerVersionIsLeftAlone() throws {
        var disk = Self.example()
        disk.memory.files["IDENTITY"] = written {
            $0.append(text: "gyre data 2\n")
            $0.appendChecksumLine()
        }
        #expect(throws: LogFault.self) { _ = try DirectoryRepair.repair(&disk, salt: 5) }
    }

    @Test func aFolderWithoutDataIsNoDirectory() {
        var disk = RepairDisk()
        #expect(throws: LogFault.self) { _ = try DirectoryRepair.repair(&disk, salt: 5) }
    }
}
