import Base
import Foundation
import Testing

@testable import Engine

/// `docs/internals/keyspace.md` and the code say the same.
struct LayoutTests {
    /// Rows of the page's tables: the cells of each, keyed by the cell at `column`.
    private func rows(by column: Int) throws -> [String: [String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/internals/keyspace.md").standardized
        var rows: [String: [String]] = [:]
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        where line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count > column { rows[cells[column]] = cells }
        }
        return rows
    }

    @Test func fieldsAreWhereThePageSays() throws {
        let fields = try rows(by: 2)
        func offset(_ field: String) throws -> Int {
            let cells = try #require(fields[field])
            return try #require(Int(cells[0]))
        }
        var harness = Harness()
        _ = harness.run("SET somekey 0123456789 PX 5000")
        let (stampOffset, deadlineOffset) = (try offset("stamp"), try offset("deadline"))
        let (keyOffset, valueOffset) = (try offset("key length"), try offset("value length"))
        let (formOffset, accessOffset) = (try offset("form and flags"), try offset("access"))
        withKey(Array("somekey".utf8), &harness) { keyspace, key in
            let entry = keyspace.find(key)!.entry
            let at = unsafe entry.pointer
            #expect(unsafe at.load(fromByteOffset: stampOffset, as: UInt64.self) == 1)
            #expect(unsafe at.load(fromByteOffset: keyOffset, as: UInt32.self) == 7)
            #expect(unsafe at.load(fromByteOffset: valueOffset, as: UInt16.self) == 10)
            #expect(unsafe at.load(fromByteOffset: formOffset, as: UInt8.self) == 0x11)
            #expect(
                unsafe at.load(fromByteOffset: accessOffset, as: UInt8.self)
                    == keyspace.accessClock.tick)
            #expect(
                unsafe at.load(fromByteOffset: deadlineOffset, as: Int64.self)
                    == Harness.start + 5000)
            #expect(entry.size == deadlineOffset + 8 + 7 + 10)
        }
    }

    @Test func formsAndFlagsAreNumberedAsThePageSays() throws {
        let names = try rows(by: 0)
        #expect(names["integer"]?[1] == "\(Entry.Form.integer.rawValue)")
        #expect(names["inline"]?[1] == "\(Entry.Form.inline.rawValue)")
        #expect(names["long"]?[1] == "\(Entry.Form.long.rawValue)")
        #expect(names["has deadline"]?[1] == "\(Entry.hasDeadline)")
        #expect(names["modified"]?[1] == "\(Entry.isModified)")
        #expect(names["integer"]?[2].hasPrefix("\(Entry.fixedSize(.integer)) ") == true)
        #expect(names["long"]?[2].hasPrefix("\(Entry.fixedSize(.long)) ") == true)
    }

    @Test func aKeyCostsWhatThePageSays() throws {
        let cells = try #require(try rows(by: 0)["entry"])
        let entryBytes = try #require(Int(cells[1]))
        var harness = Harness()
        let value = String(repeating: "v", count: 32)
        let count = 100_000
        for index in 0..<count {
            let number = String(index)
            let key = String(repeating: "k", count: 16 - number.count) + number
            _ = harness.run(["SET", key, value])
        }
        let perKey = Double(harness.engine.keyspace.usedBytes) / Double(count)
        // Six keys a slot: a bucket or two each, so the share of the table is at its largest.
        #expect(perKey > Double(entryBytes) + 8)
        #expect(perKey < Double(entryBytes) + 16)
    }
}
