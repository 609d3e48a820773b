import Base
import Foundation
import RDB
import TestSupport
import Testing

/// Files that are written here are read here and by redis-server; files with types that are not
/// here are read past those.
struct FileWriterTests {
    private func bytes(_ output: borrowing OutputBuffer) -> [UInt8] {
        unsafe [UInt8](output.bytes.buffer)
    }

    private func file(_ keys: [(String, Value, Int64?)], version: UInt16) throws -> [UInt8] {
        var writer = FileWriter(version: version)
        var output = OutputBuffer()
        var file: [UInt8] = []
        writer.begin(time: 1_800_000_000, countHint: keys.count, &output)
        for (key, value, deadline) in keys {
            try withBytes(Array(key.utf8)) { name in
                try withBytes(payload(value, version: version)) { payload in
                    try writer.append(key: name, deadline: deadline, payload: payload, &output)
                }
            }
            writer.taken(output.bytes)
            file += bytes(output)
            output.removeAll()
        }
        writer.taken(output.bytes)
        file += bytes(output)
        output.removeAll()
        writer.end(&output)
        return file + bytes(output)
    }

    private func text(_ text: String) -> Value {
        Value(type: .string, elements: [Element(text)])
    }

    private func keys(_ file: [UInt8]) throws -> [String] {
        try withBytes(file) { bytes in
            var reader = try FileReader(bytes)
            var keys: [String] = []
            while let entry = try reader.next(CRC64()) {
                guard case .text(let name) = Element(entry.key) else { continue }
                let value = unsafe [UInt8](try reader.takeValue().buffer)
                let type = PayloadType(byte: entry.type).map { "\($0)" } ?? "foreign"
                let text = String(decoding: name, as: UTF8.self)
                keys.append("\(text) \(entry.deadline ?? 0) \(type) \(value.count)")
            }
            return keys
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        let list = Value(type: .list, elements: [Element("a"), Element("12345"), Element("")])
        let file = try file(
            [("k", text("v"), nil), ("due", list, 1_900_000_000_000), ("", text(""), nil)],
            version: 9)
        #expect(String(decoding: file.prefix(9), as: UTF8.self) == "REDIS0009")
        #expect(
            try keys(file) == ["k 0 string 2", "due 1900000000000 list 7", " 0 string 1"])
        for count in 0..<file.count {
            #expect(throws: (any Error).self) { try keys(Array(file[..<count])) }
        }
        // Empty, and with a payload above its version.
        #expect(try keys(try self.file([], version: 11)).isEmpty)
        var writer = FileWriter(version: 9)
        var output = OutputBuffer()
        withBytes(payload(text("v"), version: 10)) { payload in
            _ = #expect(throws: PayloadError.versionOrChecksum) {
                try writer.append(key: Bytes("k"), deadline: nil, payload: payload, &output)
            }
        }
        writer.taken(output.bytes)
        let count = output.count
        #expect(count == 0)
    }

    /// What a stream, of which redis-server 7.0 writes type 19, takes in a file is known.
    @Test func streamsArePassedOver() throws {
        let server = try ServerProcess(.reference)
        let redis = try server.connect()
        for line in [
            "SET first 1", "XADD s * f v g w", "XADD s 9999999999999-1 f v",
            "XDEL s 9999999999999-1", "XADD s 9999999999999-2 other fields here too",
            "XGROUP CREATE s g 0",
            "XGROUP CREATE s h $", "XREADGROUP GROUP g alice COUNT 1 STREAMS s >",
            "XREADGROUP GROUP g bob STREAMS s >", "XGROUP CREATECONSUMER s h carol",
            "XADD empty * a b", "XTRIM empty MAXLEN 0", "SADD last a b c",
        ] {
            let reply = try redis.call(Call(words: line)).reply
            #expect(!reply.isError, "\(line): \(reply)")
        }
        let file = try Data(contentsOf: URL(filePath: redis.save()))
        let found = try keys([UInt8](file))
        let names = found.map { $0.split(separator: " ")[0] }
        #expect(Set(names) == ["first", "s", "empty", "last"])
        #expect(found.filter { $0.contains("foreign") }.count == 2)
    }

    @Test func sizesAreKnownBefore() {
        var random = SplitMix64(seed: 3)
        let writer = PayloadWriter(version: 9)
        for round in 0..<2_000 {
            let shift = Int.random(in: 0...63, using: &random)
            let integer = Int64.random(in: .min ... .max, using: &random) >> shift
            let count = [0, 1, 63, 64, 16_383, 16_384, 70_000][round % 7]
            withBytes([UInt8](repeating: 1, count: count)) { bytes in
                for element in [.integer(integer), .bytes(bytes), .score(1.5)] as [PayloadElement] {
                    var output = OutputBuffer()
                    writer.append(element, &output)
                    let count = output.count
                    #expect(count == PayloadWriter.size(of: element))
                }
            }
        }
        for type in [.list, .set, .sortedSet, .hash] as [PayloadType] {
            for count in [0, 63, 64, 16_384, 1 << 33] {
                var output = OutputBuffer()
                writer.begin(type, count: count, &output)
                let size = output.count
                #expect(size == PayloadWriter.headerSize(type, count: count))
            }
        }
    }

    /// The check value of CRC-64/Jones, and bytes in any parts.
    @Test func checksums() {
        let crc = CRC64()
        withBytes(Array("123456789".utf8)) { #expect(crc.checksum($0) == 0xE9C6_D914_C4B8_D9CA) }
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        withBytes(bytes) { all in
            for first in 0..<40 {
                for second in first..<60 {
                    var sum = crc.checksum(all.slice(0, first))
                    sum = crc.checksum(all.slice(first, second), after: sum)
                    sum = crc.checksum(all.slice(second, 200), after: sum)
                    #expect(sum == crc.checksum(all))
                }
            }
        }
    }
}
