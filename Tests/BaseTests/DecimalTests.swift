import Testing

@testable import Base

struct DecimalTests {
    private static let edges: [Int64] = [
        0, 1, -1, 9, 10, 99, 100, 101, 999, 1000, -99, -100, 123_456_789, 1_000_000_000,
        Int64.max, Int64.min, Int64.max - 1, Int64.min + 1,
    ]

    private func spell(_ value: Int64) -> String {
        var buffer = OutputBuffer()
        buffer.append(decimal: value)
        return buffer.bytes.string
    }

    private func read(_ text: String) -> Int64? {
        var buffer = OutputBuffer()
        for byte in text.utf8 { buffer.append(byte) }
        return buffer.bytes.canonicalInteger
    }

    @Test func numbersAreWrittenAndReadBack() {
        var random = SplitMix64(seed: 3)
        let drawn = (0..<5_000).map { _ in
            Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64)
        }
        for value in Self.edges + drawn {
            #expect(spell(value) == "\(value)")
            #expect(read("\(value)") == value)
        }
    }

    @Test(arguments: [
        "", "-", "-0", "01", "+1", " 1", "1 ", "1.0", "9223372036854775808", "a", "1a",
        "-9223372036854775809", "99999999999999999999", "184467440737095516160",
    ])
    func otherSpellingsAreRefused(text: String) {
        #expect(read(text) == nil)
    }

    @Test func lengthsAreThoseOfTheDigits() {
        var value: UInt64 = 1
        for length in 1...19 {
            #expect(decimalLength(value) == length)
            value = value &* 10
            #expect(decimalLength(value - 1) == length)
        }
        #expect(decimalLength(UInt64.max) == 20)
    }
}
