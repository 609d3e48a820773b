import Base
import Layouts
import TestSupport
import Testing

@testable import Log

/// The data of one number of cores, written for another: nothing is lost, added, or done in another
/// order, whatever happens meanwhile.
struct ReshardingTests {
    // MARK: What a start would apply

    /// By slot, every record that a start applies, in order, and the stamp that a snapshot gave it.
    private struct State: Equatable {
        var records: [UInt16: [[UInt8]]] = [:]
        var stamps: [UInt16: UInt64] = [:]

        mutating func add(_ record: Record, _ owners: [UInt16], _ core: UInt16) {
            #expect(owners[Int(record.slot)] == core, "a record is with the core of its slot")
            // Without the checksum, and without the flag that ties groups, which may be divided.
            var bytes = Array(array(record.bytes).dropFirst(8))
            bytes[5] &= ~RecordLayout.more
            records[record.slot, default: []].append(bytes)
        }
    }

    private static func owners(_ cores: UInt16) -> [UInt16] {
        (0..<1 << 14).map { UInt16($0 * Int(cores) >> 14) }
    }

    private static func state(_ disk: TreeDisk) throws -> State {
        var state = State()
        let data = try DirectoryCheck.readIdentity(disk)
        let owners = owners(data.cores)
        var scans: [LogScan] = []
        var segments: [ClosedRange<UInt32>] = []
        for core in 0..<data.cores {
            let manifest = try DirectoryCheck.readManifest(data.files(ofCore: core), disk)
            let files = try DirectoryCheck.findFiles(manifest, disk)
            segments.append(files.segments)
            scans.append(try DirectoryCheck.scan(files, manifest, disk))
        }
        try Recovery.settleTransactions(&scans)
        for core in 0..<data.cores {
            let scan = scans[Int(core)]
            if let snapshot = scan.manifest.snapshot {
                try addSnapshot(snapshot, scan.manifest, disk, owners, to: &state)
            }
            for number in segments[Int(core)] where number <= scan.end.segment {
                let path = Manifest.path(.segment(number), scan.manifest.identity)
                try disk.read(path) { (bytes) throws(LogFault) in
                    var replay = try SegmentReplay(bytes!, segment: number, scan)
                    while let record = replay.next() {
                        if record.stamp <= state.stamps[record.slot] ?? 0 { continue }
                        state.add(record, owners, core)
                    }
                }
            }
        }
        return state
    }

    private static func addSnapshot(
        _ snapshot: Manifest.Snapshot, _ manifest: Manifest, _ disk: TreeDisk,
        _ owners: [UInt16], to state: inout State
    ) throws {
        let path = Manifest.path(.snapshot(snapshot.number), manifest.identity)
        try disk.read(path) { (bytes) throws(LogFault) in
            var reader = try SnapshotReader(
                front: bytes!, fileSize: UInt64(bytes!.count), snapshot, manifest.identity)
            while true {
                switch try reader.next(in: bytes!, from: 0) {
                case .effect(let record): state.add(record, owners, manifest.identity.core)
                case .slotEnd(let slot, let stamp): state.stamps[slot] = stamp
                case .more, .end: return
                }
            }
        }
    }

    // MARK: Histories

    /// The cores of a node, with what they have written and not all of it on disk.
    private struct Cores {
        final class Core {
            var machine: LogMachine
            var snapshot: [UInt8]?

            init(_ machine: consuming LogMachine) {
                self.machine = machine
            }
        }

        let data: DataIdentity
        let owners: [UInt16]
        var cores: [Core] = []
        var stamps: [UInt16: UInt64] = [:]
        var transaction: UInt64 = 3 << 40

        init(_ count: UInt16, _ random: inout SplitMix64) {
            data = DataIdentity(node: node, layout: 1, cores: count, starts: 3)
            owners = ReshardingTests.owners(count)
            for core in 0..<count {
                let size = UInt32.random(in: 300...4000, using: &random)
                cores.append(
                    Core(
                        LogMachine(data.files(ofCore: core), segment: 2, segmentSizeMax: size)))
                if Bool.random(using: &random) { addSnapshot(core, &random) }
            }
        }

        private mutating func addSnapshot(_ core: UInt16, _ random: inout SplitMix64) {
            let header = FileHeader(.snapshot, data.files(ofCore: core), number: 1, salt: 77)
            var writer = SnapshotWriter(salt: header.salt)
            var buffer = LogBuffer()
            for slot in ReshardingTests.slots where owners[Int(slot)] == core {
                let stamp = UInt64.random(in: 3...9, using: &random)
                // Without keys and without a stamp a slot is left out.
                if stamp > 8 { continue }
                for number in 0..<UInt64.random(in: 0...3, using: &random) {
                    buffer.beginGroup()
                    for _ in 0..<Int.random(in: 1...2, using: &random) {
                        buffer.put("s\(slot).\(number)", "old", slot: slot, stamp: number + 1)
                    }
                    buffer.endGroup()
                }
                buffer.appendBare(.slotEnd, slot: slot, stamp: stamp)
            }
            cores[Int(core)].snapshot =
                written { header.append(to: &$0) } + array(writer.place(&buffer, isLast: true))
        }

        /// A record of a slot; its stamps begin below what a snapshot may have.
        mutating func write(_ slot: UInt16, _ random: inout SplitMix64) {
            let stamp = (stamps[slot] ?? 5) + 1
            stamps[slot] = stamp
            let core = cores[Int(owners[Int(slot)])]
            switch Int.random(in: 0..<4, using: &random) {
            case 0: core.machine.buffer.flushSlot(slot, stamp)
            case 1:
                withBytes(Array("k\(slot)".utf8)) {
                    core.machine.buffer.appendEffect(.remove, slot, stamp, $0)
                }
            default: core.machine.buffer.put("k\(slot)", "v\(stamp)", slot: slot, stamp: stamp)
            }
        }

        mutating func transact(_ random: inout SplitMix64) {
            let written = (0..<3).compactMap { _ in
                ReshardingTests.slots.randomElement(using: &random)
            }
            let loggers = Set(written.map { owners[Int($0)] }).sorted()
            for logger in loggers { cores[Int(logger)].machine.buffer.beginGroup() }
            for slot in written { write(slot, &random) }
            if loggers.count > 1 {
                transaction += 1
                var participants = GrowableArray<UInt16>()
                for core in loggers { participants.append(core) }
                for core in loggers {
                    cores[Int(core)].machine.buffer.noteTransaction(
                        home: loggers[0], number: transaction, participants: participants)
                }
            }
            for logger in loggers { cores[Int(logger)].machine.buffer.endGroup() }
        }

        /// What is on disk after a crash that kept some of what was not synced.
        func disk(_ random: inout SplitMix64) -> TreeDisk {
            var files: [String: [UInt8]] = [:]
            files["IDENTITY"] = written { data.write(to: &$0) }
            for (index, core) in cores.enumerated() {
                let identity = data.files(ofCore: UInt16(index))
                var segments = core.machine.durable
                for write in core.machine.pending where Int.random(in: 0..<4, using: &random) > 0 {
                    LogMachine.apply(write, to: &segments)
                }
                for (number, bytes) in segments {
                    files[Manifest.path(.segment(number), identity)] = bytes
                }
                var manifest = manifest(identity, firstSegment: 2)
                if let snapshot = core.snapshot {
                    files[Manifest.path(.snapshot(1), identity)] = snapshot
                    manifest.snapshot = Manifest.Snapshot(number: 1, size: UInt64(snapshot.count))
                }
                files[Manifest.path(identity)] = written { manifest.write(to: &$0) }
            }
            return TreeDisk(files)
        }
    }

    private static let slots: [UInt16] = (0..<24).map { $0 * 701 }

    private static func history(_ cores: UInt16, _ random: inout SplitMix64) -> TreeDisk {
        var node = Cores(cores, &random)
        for _ in 0..<Int.random(in: 0...80, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: node.transact(&random)
            case 1: for core in node.cores { core.machine.turn() }
            case 2: for core in node.cores where Bool.random(using: &random) { core.machine.turn() }
            // What a sync claims is released: all cores have written and synced their parts.
            case 3:
                for core in node.cores { core.machine.turn() }
                for core in node.cores { core.machine.sync() }
            default: node.write(slots.randomElement(using: &random) ?? 0, &random)
            }
        }
        return node.disk(&random)
    }

    @discardableResult
    private static func reshard(
        _ disk: inout TreeDisk, to cores: UInt16
    ) throws -> ReshardingReport {
        try Resharding.reshard(
            &disk, DirectoryCheck.readIdentity(disk), cores: cores, owners: owners(cores), salt: 9)
    }

    /// What a start does before all cores have recovered, and then.
    private static func removeLeftovers(_ disk: inout TreeDisk) throws {
        let layout = try DirectoryCheck.readIdentity(disk).layout
        let leftovers = DirectoryLeftovers(disk, layout: layout)
        #expect(leftovers.evidence == [])
        for name in leftovers.unfinished + leftovers.unwanted { try disk.removeFolder(name) }
    }

    // MARK: Tests

    @Test(arguments: 0..<60 as Range<UInt64>)
    func anyNumberBecomesAnyOther(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var disk = Self.history(UInt16.random(in: 1...5, using: &random), &random)
        let expected = try Self.state(disk)
        for _ in 0..<3 {
            let before = disk.files
            let old = try DirectoryCheck.readIdentity(disk)
            let cores = UInt16.random(in: 1...9, using: &random)
            let report = try Self.reshard(&disk, to: cores)
            #expect(report.old == old)
            #expect(report.new.cores == cores)
            #expect(report.new.layout == old.layout + 1)
            #expect(try DirectoryCheck.readIdentity(disk) == report.new)
            for (path, bytes) in before where path != "IDENTITY" {
                #expect(disk.files[path] == bytes, "\(path)")
            }
            #expect(DirectoryCheck(disk).leftovers?.unwanted == ["layout-\(old.layout)"])
            try Self.removeLeftovers(&disk)
            #expect(!disk.files.keys.contains { $0.hasPrefix("layout-\(old.layout)/") })
            let check = DirectoryCheck(disk)
            #expect(check.faults == [])
            #expect(check.cores.allSatisfy { !$0.isTorn })
            #expect(try Self.state(disk) == expected, "seed \(seed)")
        }
    }

    /// All that a crash may leave after each step: the old layout or the new one, whole, and the
    /// next start goes on from there.
    @Test(arguments: [(2, 3, 1), (3, 1, 2), (1, 2, 3), (4, 6, 4)] as [(UInt16, UInt16, UInt64)])
    func aCrashAnywhereCostsNothing(from: UInt16, to: UInt16, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let before = Self.history(from, &random)
        let expected = try Self.state(before)
        var whole = before.copied()
        try Self.reshard(&whole, to: to)
        var (oldCount, newCount) = (0, 0)
        for steps in 0..<whole.stepCount {
            var disk = before.copied()
            disk.stepsLeft = steps
            #expect(throws: Interruption.self) { try Self.reshard(&disk, to: to) }
            var crashes = [disk.afterWorstCrash(), disk.copied()]
            for _ in 0..<3 { crashes.append(disk.afterCrash(&random)) }
            for crash in crashes {
                var left = crash
                left.stepsLeft = .max
                let check = DirectoryCheck(left)
                #expect(check.faults == [], "after \(steps) steps")
                if check.identity?.cores == from { oldCount += 1 } else { newCount += 1 }
                #expect(check.identity?.cores == from || check.identity?.cores == to)
                #expect(try Self.state(left) == expected, "after \(steps) steps")
                // Either number of cores may come next, and the leftovers are in nobody's way.
                let next = Bool.random(using: &random) ? from : to
                if check.identity?.cores == next {
                    try Self.removeLeftovers(&left)
                    #expect(left.files.keys.allSatisfy { path in
                        path.hasPrefix("layout-\(check.identity?.layout ?? 0)/")
                            || path.hasPrefix("IDENTITY")
                    })
                } else {
                    try Self.reshard(&left, to: next)
                    try Self.removeLeftovers(&left)
                }
                #expect(DirectoryCheck(left).faults == [])
                #expect(try Self.state(left) == expected, "after \(steps) steps")
            }
        }
        #expect(oldCount > 0)
        #expect(newCount > 0)
    }

    /// A step that the disk refuses: the old layout is in use and nothing of the new one is left.
    @Test func aDiskThatRefusesAStepCostsNothing() throws {
        var random = SplitMix64(seed: 4)
        let before = Self.history(2, &random)
        let expected = try Self.state(before)
        var whole = before.copied()
        try Self.reshard(&whole, to: 3)
        for step in 1...whole.stepCount {
            var disk = before.copied()
            disk.refused = step
            #expect(throws: Refusal.self) { try Self.reshard(&disk, to: 3) }
            // From the last rename on nobody knows whether it happened: both layouts stay.
            if step < whole.stepCount - 1 {
                let names = disk.files.keys.filter { $0.hasPrefix("layout-2") }
                #expect(names.isEmpty, "step \(step): \(names)")
                #expect(try DirectoryCheck.readIdentity(disk).cores == 2)
            }
            #expect(DirectoryCheck(disk).faults == [])
            #expect(try Self.state(disk) == expected)
        }
    }

    /// A byte turned anywhere: a start refuses as it would without resharding, and nothing changes.
    @Test func damageIsNotCopied() throws {
        var random = SplitMix64(seed: 12)
        let before = Self.history(2, &random)
        var refusals = 0
        for path in before.files.keys.sorted() where path != "IDENTITY" {
            for place in stride(from: 0, to: before.files[path]!.count, by: 37) {
                var files = before.files
                files[path]![place] ^= 16
                var disk = TreeDisk(files)
                let faults = DirectoryCheck(disk).faults
                let expected = faults.isEmpty ? try Self.state(disk) : nil
                do {
                    try Self.reshard(&disk, to: 3)
                    #expect(faults == [], "\(path) at \(place)")
                    #expect(try Self.state(disk) == expected)
                } catch let fault as LogFault {
                    refusals += 1
                    #expect(faults.contains(fault), "\(path) at \(place): \(fault)")
                    #expect(disk.files == files)
                }
            }
        }
        #expect(refusals > 20)
    }

    /// Layouts that a repair has read stay; what was replaced before it was damaged stays with it.
    @Test func aRepairsEvidenceStays() throws {
        var random = SplitMix64(seed: 12)
        var disk = Self.history(2, &random)
        try Self.reshard(&disk, to: 1)
        var files = disk.files
        let data = try DirectoryCheck.readIdentity(disk)
        files[Manifest.path(data.files(ofCore: 0))]![20] ^= 1
        disk = TreeDisk(files)
        let report = try DirectoryRepair.repair(&disk, salt: 3)
        #expect(report.newLayout == 3)
        let leftovers = DirectoryLeftovers(disk, layout: 3)
        #expect(leftovers.evidence == ["layout-1", "layout-2"])
        #expect(leftovers.unwanted == [])
        try Self.reshard(&disk, to: 4)
        #expect(DirectoryLeftovers(disk, layout: 4).unwanted == ["layout-3"])
        #expect(DirectoryLeftovers(disk, layout: 4).evidence == ["layout-1", "layout-2"])
    }

    /// A snapshot from which a repair has left something out has slots without an end.
    @Test func whatARepairWroteCanBeResharded() throws {
        var random = SplitMix64(seed: 21)
        var damaged = 0
        for _ in 0..<20 {
            let disk = Self.history(2, &random)
            for core in 0..<2 as Range<UInt16> {
                let data = try DirectoryCheck.readIdentity(disk)
                let path = Manifest.path(.snapshot(1), data.files(ofCore: core))
                var files = disk.files
                guard let size = files[path]?.count, size > 400 else { continue }
                files[path]![Int.random(in: 100..<size - 40, using: &random)] ^= 1
                var broken = TreeDisk(files)
                if DirectoryCheck(broken).faults.isEmpty { continue }
                _ = try DirectoryRepair.repair(&broken, salt: 3)
                damaged += 1
                let expected = try Self.state(broken)
                try Self.reshard(&broken, to: 3)
                #expect(DirectoryCheck(broken).faults == [])
                #expect(try Self.state(broken) == expected)
            }
        }
        #expect(damaged > 5)
    }
}
