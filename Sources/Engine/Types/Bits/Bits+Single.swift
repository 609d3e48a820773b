import Base

extension Engine {
    /// SETBIT key offset value: the bit that was there before.
    @inline(never)
    mutating func setBit(_ call: Invocation) {
        guard let offset = bitOffset(call[2]) else {
            fail(.bitOffset)
            return
        }
        guard let bit = call[3].canonicalInteger, bit == 0 || bit == 1 else {
            fail(.bitValue)
            return
        }
        let key = call.key
        let place = offset &>> 3
        if _slowPath(place >= Self.preparedSizeMin), postponesGrowth(call, to: place + 1) { return }
        guard let string = openString(key, place + 1) else { return }
        let byte = string[place]
        let mask = UInt8(0x80) &>> UInt8(truncatingIfNeeded: offset & 7)
        let changed = bit == 1 ? byte | mask : byte & ~mask
        if changed != byte { string[place] = changed }
        stringChanged(key, string, changed != byte, place..<(place + 1))
        if changed != byte || string.hasGrown { notify(.string, "setbit", key.bytes) }
        reply.integer(byte & mask == 0 ? 0 : 1)
    }

    /// GETBIT key offset: 0 beyond the end.
    @inline(never)
    mutating func getBit(_ call: Invocation) {
        guard let offset = bitOffset(call[2]) else {
            fail(.bitOffset)
            return
        }
        guard let string = findString(call.key) else { return }
        let bit = string.withBytes { bytes in
            let place = offset &>> 3
            return place < bytes.count ? bytes[place] &>> UInt8(7 &- offset & 7) & 1 : 0
        }
        reply.integer(Int64(bit))
    }

    /// A bit's place in a string; nil where the word gives none that a string may have.
    func bitOffset(_ word: Bytes) -> Int? {
        guard let offset = word.canonicalInteger else { return nil }
        return checkBitOffset(offset)
    }

    /// As ``bitOffset(_:)``, where "#3" means the place of the fourth of such fields.
    func bitOffset(_ word: Bytes, fieldWidth: Int) -> Int? {
        if word.isEmpty || word[0] != UInt8(ascii: "#") { return bitOffset(word) }
        guard let number = word.slice(1, word.count).canonicalInteger else { return nil }
        // Redis takes what is left of a product that overflows.
        return checkBitOffset(number &* Int64(fieldWidth))
    }

    private func checkBitOffset(_ offset: Int64) -> Int? {
        if offset < 0 || offset &>> 3 >= Int64(limits.stringLengthMax) { return nil }
        return Int(offset)
    }
}
