import Base
import Testing

@testable import Placement

struct SlotHasherTests {
    /// CRC-16/XMODEM one bit at a time.
    static func bitwiseChecksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var checksum: UInt16 = 0
        for byte in bytes {
            checksum ^= UInt16(byte) << 8
            for _ in 0..<8 {
                checksum = (checksum << 1) ^ (checksum & 0x8000 == 0 ? 0 : 0x1021)
            }
        }
        return checksum
    }

    /// The specification's rule for hash tags, written as it reads.
    static func expectedSlot(_ key: [UInt8]) -> SlotIndex {
        var hashed = key[...]
        if let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            hashed = key[(open + 1)..<close]
        }
        return SlotIndex(bitwiseChecksum(hashed) % 16_384)
    }

    static func slot(_ key: [UInt8], _ hasher: borrowing SlotHasher) -> SlotIndex {
        unsafe hasher.slot(of: key.span.bytes)
    }

    @Test func knowsTheSpecificationsVector() {
        #expect(Self.bitwiseChecksum("123456789".utf8) == 0x31C3)
        #expect(Self.slot(Array("123456789".utf8), SlotHasher()) == SlotIndex(0x31C3))
    }

    /// Slots that redis-server 7.0.15 gives to these keys (CLUSTER KEYSLOT).
    @Test(arguments: [
        ("", 0), ("foo", 12_182), ("foo{}{bar}", 8_363), ("foo{{bar}}zap", 4_015),
        ("foo{bar}{zap}", 5_061), ("bar", 5_061), ("{user1000}.following", 3_443),
        ("{user1000}.followers", 3_443), ("user1000", 3_443),
    ])
    func agreesWithRedis(key: String, slot: UInt16) {
        #expect(Self.slot(Array(key.utf8), SlotHasher()) == SlotIndex(slot))
    }

    @Test func agreesWithTheBitwiseChecksum() {
        let hasher = SlotHasher()
        var generator = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...70, using: &generator)
            let key = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(Self.slot(key, hasher) == Self.expectedSlot(key))
        }
    }

    @Test func findsHashTagsAnywhere() {
        let hasher = SlotHasher()
        var generator = SplitMix64(seed: 2)
        let alphabet = Array("{}ab".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &generator)
            var key = (0..<count).map { _ in alphabet.randomElement(using: &generator)! }
            if Bool.random(using: &generator) {
                key = key.map { $0 == UInt8(ascii: "{") ? UInt8(ascii: "c") : $0 }
                let position = Int.random(in: 0...key.count, using: &generator)
                key.insert(UInt8(ascii: "{"), at: position)
            }
            #expect(Self.slot(key, hasher) == Self.expectedSlot(key))
        }
    }
}
