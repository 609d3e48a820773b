import Base
import Foundation
import TestSupport
import Testing

@testable import Log

/// `docs/internals/log-format.md` and the code say the same.
struct FormatPageTests {
    private let page: String

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/internals/log-format.md").standardized
        page = try String(contentsOf: path, encoding: .utf8)
    }

    /// Rows of the page's tables: the cells of each, keyed by the cell at `column`.
    private func rows(by column: Int) -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count > column { rows[cells[column]] = cells }
        }
        return rows
    }

    @Test func everyKindHasItsNumber() {
        let rows = rows(by: 0)
        for kind in RecordKind.allCases {
            #expect(rows["\(kind)"]?[1] == "\(kind.rawValue)", "\(kind)")
        }
        #expect(rows["more"]?[1] == "\(RecordLayout.more)")
        #expect(rows["has deadline"]?[1] == "\(RecordLayout.hasDeadline)")
        #expect(rows["compressed"]?[1] == "\(RecordLayout.compressed)")
    }

    /// The bytes of the block behind a remark, without the offsets in front and the words behind.
    private func hexBlock(_ remark: String) throws -> [UInt8] {
        let start = try #require(page.range(of: "<!-- \(remark) -->\n```\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        var bytes: [UInt8] = []
        for line in page[start.upperBound..<end.lowerBound].split(separator: "\n") {
            let columns = line.components(separatedBy: "  ")
            for pair in try #require(columns.dropFirst().first).split(separator: " ") {
                bytes.append(try #require(UInt8(pair, radix: 16)))
            }
        }
        return bytes
    }

    static func example() -> [UInt8] {
        let identity = FileIdentity(node: node, layout: 1, core: 1, cores: 2)
        let salt: UInt64 = 0x0123_4567_89ab_cdef
        var file = header(segment: 3, salt: salt, identity)
        var buffer = LogBuffer()
        buffer.time = 1_700_000_000_000 << 16
        let stamp: UInt64 = 2 << 40 | 7
        withBytes(Array("k".utf8)) { key in
            withBytes(Array("hello".utf8)) { value in
                buffer.putString(7629, stamp, key, value, deadline: 1_700_000_060_000)
            }
        }
        var participants = GrowableArray<UInt16>()
        participants.append(0)
        participants.append(1)
        buffer.beginGroup()
        buffer.put("b", "2", slot: 3300, stamp: 2 << 40 | 1)
        buffer.noteTransaction(home: 0, number: 7 << 40 | 5, participants: participants)
        buffer.endGroup()
        buffer.appendBare(.seal, stamp: 4)
        buffer.writeMark(synced: LogPosition(segment: 2, offset: 4096))
        buffer.writeChecksums(from: 0, salt: salt, at: UInt64(file.count))
        file += array(buffer.content)
        return file
    }

    @Test func theExampleIsWhatIsWritten() throws {
        let file = Self.example()
        #expect(try hexBlock("example") == file)
    }

    @Test func theHeaderIsWhereThePageSays() throws {
        let rows = rows(by: 2)
        let file = Self.example()
        func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
            _ field: String, _ type: Integer.Type
        ) throws -> Integer {
            let cells = try #require(rows[field])
            let offset = try #require(Int(cells[0]))
            #expect(cells[1] == "\(MemoryLayout<Integer>.size)")
            return withBytes(file) { $0.integer(at: offset, type) }
        }
        #expect(try integer("number", UInt32.self) == 3)
        #expect(try integer("core", UInt16.self) == 1)
        #expect(try integer("cores", UInt16.self) == 2)
        #expect(try integer("layout", UInt32.self) == 1)
        #expect(try integer("salt", UInt64.self) == 0x0123_4567_89ab_cdef)
        #expect(try integer("header length", UInt32.self) == UInt32(FileHeader.size))
        #expect(try integer("version", UInt32.self) == FileHeader.version)
        #expect(Array(file[16..<20]) == [0x00, 0x11, 0x22, 0x33])
    }

    @Test func theExampleReadsBack() throws {
        let file = Self.example()
        try withBytes(file) { bytes in
            let header = try FileHeader(bytes, .segment, identity(), number: 3)
            var scanner = RecordScanner(header)
            var kinds: [RecordKind] = []
            while case .record(let record) = scanner.next(
                in: bytes, from: 0, fileSize: UInt64(bytes.count))
            {
                kinds.append(record.kind)
                if record.kind == .putString, record.slot == 7629 {
                    #expect(record.key.string == "k")
                    #expect(record.operand.string == "hello")
                    #expect(record.deadline == 1_700_000_060_000)
                    #expect(record.stamp == 2 << 40 | 7)
                    #expect(record.time >> 16 == 1_700_000_000_000)
                }
            }
            #expect(kinds == [.mark, .putString, .putString, .transaction, .seal])
            #expect(scanner.offset == UInt64(bytes.count))
        }
    }

    /// The text of the block that begins with `line`.
    private func textBlock(_ line: String) throws -> String {
        let start = try #require(page.range(of: "```\n\(line)\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        let first = page.index(start.lowerBound, offsetBy: 4)
        return String(page[first..<end.lowerBound]) + "\n"
    }

    @Test func theDescriptorsAreWhatIsWritten() throws {
        let data = DataIdentity(node: node, layout: 1, cores: 2, starts: 7)
        let text = written { data.write(to: &$0) }
        #expect(try String(decoding: text, as: UTF8.self) == textBlock("gyre data 1"))
        #expect(try withBytes(text) { bytes throws(LogFault) in try DataIdentity(bytes) } == data)

        let manifest = Manifest(
            identity(core: 0), firstSegment: 12, synced: LogPosition(segment: 13, offset: 4096),
            snapshot: .init(number: 3, size: 1 << 20),
            seen: [0: 7 << 40 | 1, 1: 7 << 40 | 5])
        let core = written { manifest.write(to: &$0) }
        #expect(try String(decoding: core, as: UTF8.self) == textBlock("gyre core 1"))
        let read = try withBytes(core) { bytes throws(LogFault) in
            try Manifest(bytes, identity(core: 0))
        }
        #expect(read == manifest)
    }
}
