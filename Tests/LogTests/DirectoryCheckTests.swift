import Base
import TestSupport
import Testing

@testable import Log

/// A data directory in memory.
struct MemoryStorage: DirectoryStorage {
    var files: [String: [UInt8]] = [:]

    func list(_ folder: String, into names: inout [String]) {
        for path in files.keys where path.hasPrefix(folder + "/") {
            names.append(String(path.dropFirst(folder.count + 1)))
        }
    }

    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        guard let file = files[path] else { return try body(nil) }
        try withBytes(file) { (bytes) throws(LogFault) in try body(bytes) }
    }

    /// Two cores: the first with a snapshot and two segments, the second with one.
    static func example() -> MemoryStorage {
        var storage = MemoryStorage()
        let data = DataIdentity(node: node, layout: 1, cores: 2, starts: 1)
        storage.files["IDENTITY"] = written { data.write(to: &$0) }
        for core in 0..<2 as Range<UInt16> {
            let identity = data.files(ofCore: core)
            var machine = LogMachine(identity, segment: 2, segmentSizeMax: core == 0 ? 300 : 9000)
            for number in 1...9 {
                machine.buffer.put("key\(number)", "value", slot: 1, stamp: UInt64(number))
                machine.turn()
                machine.sync()
            }
            for (number, file) in machine.allFiles() {
                storage.files[Manifest.path(.segment(number), identity)] = file
            }
            var manifest = manifest(identity, firstSegment: 2)
            if core == 0 { manifest.snapshot = storage.addSnapshot(identity) }
            storage.files[Manifest.path(identity)] = written { manifest.write(to: &$0) }
        }
        return storage
    }

    private mutating func addSnapshot(_ identity: FileIdentity) -> Manifest.Snapshot {
        let header = FileHeader(.snapshot, identity, number: 1, salt: 8)
        var writer = SnapshotWriter(salt: header.salt)
        var buffer = LogBuffer()
        buffer.put("a", "1", slot: 4, stamp: 3)
        buffer.appendBare(.slotEnd, slot: 4, stamp: 3)
        let file = written { header.append(to: &$0) } + array(writer.place(&buffer, isLast: true))
        files[Manifest.path(.snapshot(1), identity)] = file
        return Manifest.Snapshot(number: 1, size: writer.size)
    }
}

struct DirectoryCheckTests {
    @Test func aSoundDirectoryIsSound() {
        var storage = MemoryStorage.example()
        storage.files["layout-1/core-0/00000001.log"] = []
        storage.files["layout-1/core-1/00000009.log.new"] = []
        storage.files["layout-1/core-1/todo"] = []
        let check = DirectoryCheck(storage)
        #expect(check.faults == [])
        #expect(check.identity?.cores == 2)
        #expect(check.cores.map(\.snapshotKeyCount) == [1, nil])
        #expect(check.cores.map(\.leftovers) == [["00000001.log"], ["00000009.log.new"]])
        #expect(check.cores.map(\.unknown) == [[], ["todo"]])
        #expect(check.cores.allSatisfy { !$0.isTorn })
        #expect(check.cores[1].recordCount == 18)
        #expect((check.cores[0].segments?.count ?? 0) > 1)
    }

    /// Every file that is needed is missed, and a turned byte in each is found, with its name.
    @Test func everyFileCounts() {
        let sound = MemoryStorage.example()
        for path in sound.files.keys {
            var storage = sound
            storage.files[path] = nil
            let last = sound.files.keys.filter { $0.contains("core-0") }
                .filter { $0.hasSuffix(".log") }.max()
            let check = DirectoryCheck(storage)
            #expect(!check.faults.isEmpty, "without \(path)")
            if path != last { #expect(check.faults.first?.file == path) }

            storage = sound
            storage.files[path]![60] ^= 4
            let faults = DirectoryCheck(storage).faults
            #expect(faults.first?.file == path, "\(path): \(faults)")
        }
    }

    @Test func aTornEndIsToldAndSound() throws {
        var storage = MemoryStorage.example()
        let path = "layout-1/core-1/00000002.log"
        storage.files[path]!.removeLast(3)
        let check = DirectoryCheck(storage)
        #expect(check.faults == [])
        #expect(check.cores.map(\.isTorn) == [false, true])
    }
}
