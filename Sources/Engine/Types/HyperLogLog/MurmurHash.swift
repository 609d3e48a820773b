import Base

extension Bytes {
    /// The hash that a HyperLogLog is made of: MurmurHash2 in its 64-bit form, under the seed that
    /// all HyperLogLogs of this format share. Words are read with the lowest byte first.
    ///
    /// Source: Austin Appleby, MurmurHash2, 2008 (public domain).
    var murmurHash: UInt64 {
        let multiplier: UInt64 = 0xC6A4_A793_5BD1_E995
        var hash = 0xADC8_3B19 ^ UInt64(truncatingIfNeeded: count) &* multiplier
        var offset = 0
        while offset &+ 8 <= count {
            var word = unsafe UInt64(
                littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            word = word &* multiplier
            word ^= word &>> 47
            hash ^= word &* multiplier
            hash = hash &* multiplier
            offset &+= 8
        }
        if offset < count {
            var rest: UInt64 = 0
            var shift: UInt64 = 0
            while offset < count {
                rest |= UInt64(self[offset]) &<< shift
                shift &+= 8
                offset &+= 1
            }
            hash = (hash ^ rest) &* multiplier
        }
        hash ^= hash &>> 47
        hash = hash &* multiplier
        return hash ^ hash &>> 47
    }
}
