import Base
import RDB
import Testing

/// Forms that today's servers no longer write, made by hand; and bytes that are no values.
struct PayloadFormTests {
    @Test func theChecksumIsTheOneThatIsKnown() {
        let crc = CRC64()
        #expect(crc.checksum(Bytes("123456789")) == 0xE9C6_D914_C4B8_D9CA)
        let half = crc.checksum(Bytes("12345"))
        #expect(crc.checksum(Bytes("6789"), after: half) == 0xE9C6_D914_C4B8_D9CA)
    }

    /// A ziplist of elements in their encodings; `string` prefixes a length.
    private func ziplist(_ entries: [[UInt8]]) -> [UInt8] {
        var body: [UInt8] = []
        var previous = 0
        var last = 10
        for entry in entries {
            last = 10 + body.count
            let before = previous < 254 ? [UInt8(previous)] : [254] + little(previous)
            body += before + entry
            previous = before.count + entry.count
        }
        let total = 11 + body.count
        return little(total) + little(last) + [UInt8(entries.count), 0] + body + [255]
    }

    private func little(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func string(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count < 64
            ? [UInt8(bytes.count)] + bytes
            : [0x40 | UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }

    private let entries: [[UInt8]] = [
        [3, 97, 98, 99], [0xF1], [0xFD], [0xFE, 0x80], [0xC0, 0xFF, 0x7F], [0xF0, 0, 0, 0x80],
        [0xD0, 1, 0, 0, 0x80], [0xE0, 0, 0, 0, 0, 0, 0, 0, 0x80],
        [0x41, 0x2C] + [UInt8](repeating: 120, count: 300),
        [0x80, 0, 0, 0, 2, 121, 122], [0],
    ]
    private let expected: [Element] = [
        Element("abc"), Element("0"), Element("12"), Element("-128"), Element("32767"),
        Element("-8388608"), Element("-2147483647"), Element("-9223372036854775808"),
        Element(String(repeating: "x", count: 300)), Element("yz"), Element(""),
    ]

    @Test func ziplistsOfAllKinds() throws {
        let list = ziplist(entries)
        #expect(try read(type: 10, string(list)) == Value(type: .list, elements: expected))
        #expect(
            try read(type: 14, [2] + string(list) + string(ziplist([[0xF2]])))
                == Value(type: .list, elements: expected + [Element("1")]))
        #expect(
            try read(type: 13, string(ziplist([[1, 97], [0xF6]])))
                == Value(type: .hash, elements: [Element("a"), Element("5")]))
        #expect(
            try read(type: 12, string(ziplist([[1, 97], [3, 49, 46, 53], [1, 98], [0xF3]])))
                == Value(
                    type: .sortedSet,
                    elements: [Element("a"), .score(1.5), Element("b"), .score(2)]))
        // A member without its score.
        #expect(throws: PayloadError.badFormat) {
            try read(type: 12, string(ziplist([[1, 97]])))
        }
    }

    @Test func oldSortedSetsHaveScoresInText() throws {
        let value = try read(type: 3, [3, 1, 97, 3, 49, 46, 53, 1, 98, 254, 1, 99, 255])
        #expect(
            value.elements == [
                Element("a"), .score(1.5), Element("b"), .score(.infinity), Element("c"),
                .score(-.infinity),
            ])
        #expect(throws: PayloadError.badFormat) { try read(type: 3, [1, 1, 97, 253]) }
    }

    @Test func compressedStringsReachBack() throws {
        // Two literals, then five more by a copy that reaches into itself.
        let value = try read(type: 0, [0xC3, 5, 7, 1, 97, 98, 0x60, 1])
        #expect(value.elements == [Element("abababa")])
        // A copy from before the beginning; a length that is not met.
        #expect(throws: PayloadError.badFormat) {
            try read(type: 0, [0xC3, 5, 7, 1, 97, 98, 0x60, 2])
        }
        #expect(throws: PayloadError.badFormat) {
            try read(type: 0, [0xC3, 5, 8, 1, 97, 98, 0x60, 1])
        }
    }

    @Test func whatIsNotHereIsNamed() {
        for type in [6, 7, 8, 9, 15, 19, 21, 255] as [UInt8] {
            #expect(throws: PayloadError.unsupportedType(type)) { try read(type: type, [0]) }
        }
    }

    /// A claimed count or length costs nothing.
    @Test func hugeClaimsAreRefused() {
        let huge: [UInt8] = [0x81, 0x7F, 255, 255, 255, 255, 255, 255, 255]
        for type in [0, 1, 2, 3, 4, 5, 10, 11, 14, 16, 17, 18, 20] as [UInt8] {
            #expect(throws: PayloadError.badFormat) { try read(type: type, huge) }
            #expect(throws: PayloadError.badFormat) {
                try read(type: type, [0xC3, 1] + huge + [0])
            }
        }
    }

    @Test func anyBytesAreAnswered() {
        var random = SplitMix64(seed: 31)
        let types: [UInt8] = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 16, 17, 18, 20]
        let list = ziplist(entries)
        let listpack: [UInt8] = [15, 0, 0, 0, 2, 0, 0x82, 97, 98, 3, 0xF1, 1, 2, 3, 255]
        let seeds = [
            string(list), [2] + string(list) + string(list), string(listpack),
            [2, 2] + string(listpack) + [1] + string([97]), [3, 1, 97, 3, 49, 46, 53],
            [0xC3, 5, 7, 1, 97, 98, 0x60, 1], string([2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 2, 0]),
        ]
        var accepted = 0
        for round in 0..<60_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            let type = types.randomElement(using: &random)!
            if (try? read(type: type, bytes)) != nil { accepted += 1 }
        }
        #expect(accepted > 1_000)
    }

    /// Every bit of a payload is under its checksum.
    @Test func everyBitOfAPayloadCounts() throws {
        let value = Value(type: .list, elements: [Element("one"), Element("2"), Element("")])
        let sound = payload(value)
        #expect(try read(sound) == value)
        for bit in 0..<8 * sound.count {
            var turned = sound
            turned[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: PayloadError.versionOrChecksum) { try read(turned) }
        }
        for count in 0..<sound.count {
            #expect(throws: PayloadError.versionOrChecksum) { try read(Array(sound[..<count])) }
        }
    }
}
