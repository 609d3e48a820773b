import Base
import Foundation
import RDB
import TestSupport
import Testing

/// Files that redis-server saves are read key by key.
struct FileReaderTests {
    private struct Key: Equatable {
        var value: Value
        var deadline: Int64?
    }

    private func read(_ file: [UInt8]) throws(PayloadError) -> [Element: Key] {
        try withBytes(file) { (bytes) throws(PayloadError) in
            let crc = CRC64()
            var reader = try FileReader(bytes)
            var keys: [Element: Key] = [:]
            while let entry = try reader.next(crc) {
                let name = Element(entry.key)
                var elements: [Element] = []
                var value = try reader.openValue()
                while let element = try value.next() { elements.append(Element(element)) }
                try reader.closeValue(value)
                keys[name] = Key(
                    value: Value(type: value.type, elements: elements), deadline: entry.deadline)
            }
            return keys
        }
    }

    private func savedFile() throws -> [UInt8] {
        let server = try ServerProcess(.reference)
        let redis = try server.connect()
        for command in [
            "SET text hello", "SET 12 34", "SET due x PXAT 4102444800123",
            "RPUSH list a b 3", "SADD set 1 2 3", "SADD words one two", "ZADD zset 1.5 a -inf b",
            "HSET hash f v g 7", "CONFIG SET maxmemory-policy allkeys-lru",
        ] {
            _ = try redis.call(Call(words: command))
        }
        _ = try redis.call("SET", "long", String(repeating: "abc", count: 1000))
        let function = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
        _ = try redis.call("FUNCTION", "LOAD", function)
        return [UInt8](try Data(contentsOf: URL(filePath: redis.save())))
    }

    @Test func whatRedisSavesIsRead() throws {
        let file = try savedFile()
        let keys = try read(file)
        #expect(keys.count == 9)
        #expect(
            keys[Element("due")]
                == Key(
                    value: Value(type: .string, elements: [Element("x")]),
                    deadline: 4_102_444_800_123))
        #expect(keys[Element("12")]?.value.elements == [Element("34")])
        #expect(
            keys[Element("list")]?.value
                == Value(type: .list, elements: [Element("a"), Element("b"), Element("3")]))
        #expect(keys[Element("words")]?.value.ordered.elements == [Element("one"), Element("two")])
        #expect(
            keys[Element("zset")]?.value.ordered.elements
                == [Element("a"), .score(1.5), Element("b"), .score(-.infinity)])
        let long = Element(String(repeating: "abc", count: 1000))
        #expect(keys[Element("long")]?.value.elements == [long])

        // Every bit counts, and so does every byte at the end.
        for bit in stride(from: 0, to: 8 * file.count, by: 7) {
            var turned = file
            turned[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: PayloadError.self) { try read(turned) }
        }
        for count in 0..<file.count {
            #expect(throws: PayloadError.self) { try read(Array(file[..<count])) }
        }
    }
}
