import Base
import TestSupport
import Testing

@testable import Log

struct SnapshotTests {
    private let snapshot = Manifest.Snapshot(number: 3, size: 0)

    /// A snapshot of three slots, written in two parts.
    private func file() -> [UInt8] {
        let header = FileHeader(.snapshot, identity(), number: 3, salt: 99)
        var writer = SnapshotWriter(salt: header.salt)
        var buffer = LogBuffer()
        var file = written { header.append(to: &$0) }
        for slot in 0..<3 as Range<UInt16> {
            buffer.put("key\(slot)", "value", slot: slot, stamp: 10 + UInt64(slot))
            buffer.appendBare(.slotEnd, slot: slot, stamp: 20 + UInt64(slot))
            if slot == 2 { continue }
            file += array(writer.place(&buffer, isLast: false))
            buffer.removeAll()
        }
        file += array(writer.place(&buffer, isLast: true))
        #expect(writer.size == UInt64(file.count))
        return file
    }

    private func read(_ file: [UInt8], size: UInt64? = nil, window: Int = 64) throws -> [String] {
        var snapshot = snapshot
        snapshot.size = size ?? UInt64(file.count)
        return try withBytes(file) { bytes throws(LogFault) in
            var reader = try SnapshotReader(
                front: bytes, fileSize: UInt64(bytes.count), snapshot, identity())
            var found: [String] = []
            var reach = window
            while true {
                let start = Int(reader.offset)
                let end = min(bytes.count, start + reach)
                switch try reader.next(in: bytes.slice(start, end), from: reader.offset) {
                case .effect(let record): found.append(record.key.string)
                case .slotEnd(let slot, let stamp): found.append("\(slot)=\(stamp)")
                case .more(let needed): reach = needed
                case .end: return found
                }
            }
        }
    }

    @Test func aSnapshotComesBack() throws {
        let expected = ["key0", "0=20", "key1", "1=21", "key2", "2=22"]
        for window in [32, 40, 64, 1000] { #expect(try read(file(), window: window) == expected) }
    }

    @Test func everyBitOfASnapshotCounts() {
        let file = file()
        for bit in 0..<8 * file.count {
            var turned = file
            turned[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: LogFault.self) { try read(turned) }
        }
        for end in 0..<file.count {
            #expect(throws: LogFault.self) { try read(Array(file[..<end])) }
        }
        #expect(throws: LogFault.self) { try read(file + [0]) }
        #expect(throws: LogFault.self) { try read(file, size: UInt64(file.count) + 8) }
    }

    @Test func stampsSayWhatTheStateLacks() throws {
        var stamps = SlotStamps()
        stamps.set(1, 20)
        var buffer = LogBuffer()
        buffer.put("old", "v", slot: 1, stamp: 20)
        buffer.put("new", "v", slot: 1, stamp: 21)
        buffer.put("other", "v", slot: 2, stamp: 1)
        let batch = array(buffer.content)
        withBytes(batch) { bytes in
            var place = RecordLayout.headerSize
            var lacked: [Bool] = []
            while place < bytes.count {
                let length = Int(bytes.integer(at: place + 8, UInt32.self))
                let end = place + RecordLayout.span(length)
                lacked.append(stamps.lack(Record(checked: bytes.slice(place, end))))
                place = end
            }
            #expect(lacked == [false, true, true])
        }
    }

    @Test func filesAreSortedByTheManifest() throws {
        var manifest = manifest(identity(), firstSegment: 4)
        manifest.snapshot = snapshot
        let names = [
            "MANIFEST", "00000003.log", "00000004.log", "00000005.log", "00000003.snap",
            "00000002.snap", "00000006.log.new", "notes.txt", "4.log",
        ]
        let files = try CoreFiles(names, manifest)
        #expect(files.segments == 4...5)
        #expect(
            Set(files.leftovers.map(\.text))
                == ["00000003.log", "00000002.snap", "00000006.log.new"])
        #expect(files.unknown.map(\.text) == ["notes.txt", "4.log"])
        for missing in ["00000004.log", "00000003.snap"] {
            #expect(throws: LogFault.self) {
                try CoreFiles(names.filter { $0 != missing }, manifest)
            }
        }
        #expect(throws: LogFault.self) { try CoreFiles(names + ["00000007.log"], manifest) }
    }
}
