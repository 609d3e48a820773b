/// Maps keys to slots: CRC16 of the key, or of its {hash tag}, modulo 16,384.
///
/// The checksum is CRC-16/XMODEM (polynomial 0x1021, initial value 0, most significant bit first).
/// Eight bytes are folded per round through eight tables of 256 entries ("slicing by 8"); because
/// the initial value is 0, leading zero bytes leave the checksum as it is, so a key whose length is
/// no multiple of eight starts with one zero-extended round instead of ending with a loop over
/// single bytes.
///
/// Owns 4 KB of tables. One per core: it is read on every command, so it belongs into that core's
/// cache.
///
/// Sources: Redis Cluster specification, "Key distribution model" and "Hash tags"; Kounavis and
/// Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators", ISCC
/// 2005.
@safe
public struct SlotHasher: ~Copyable {
    /// `tables[256 * k + b]`: the checksum of byte `b` followed by `k` zero bytes.
    @usableFromInline let tables: UnsafeMutablePointer<UInt16>

    @usableFromInline static let tableCount = 8

    /// Fills the tables.
    public init() {
        unsafe tables = .allocate(capacity: 256 * SlotHasher.tableCount)
        for byte in 0..<256 {
            var checksum = UInt16(byte) << 8
            for _ in 0..<8 {
                checksum = (checksum << 1) ^ (checksum & 0x8000 == 0 ? 0 : 0x1021)
            }
            unsafe tables[byte] = checksum
        }
        for index in 256..<256 * SlotHasher.tableCount {
            let shorter = unsafe tables[index - 256]
            unsafe tables[index] = (shorter << 8) ^ tables[Int(shorter >> 8)]
        }
    }

    deinit {
        unsafe tables.deallocate()
    }

    /// The slot of `key`, which may be empty and may hold any bytes.
    @inlinable
    public func slot(of key: UnsafeRawBufferPointer) -> SlotIndex {
        guard let start = key.baseAddress else { return SlotIndex(0) }
        if _slowPath(unsafe SlotHasher.holdsBrace(start, key.count)) {
            return unsafe slotOfTagged(key)
        }
        return SlotIndex(unsafe checksum(start, key.count) & UInt16(SlotIndex.count - 1))
    }

    /// The slot of `key`, which may be empty and may hold any bytes.
    @inlinable
    public func slot(of key: RawSpan) -> SlotIndex {
        unsafe key.withUnsafeBytes { unsafe slot(of: $0) }
    }

    /// The slot of a key that holds an opening brace: the bytes between the first `{` and the first
    /// `}` after it decide, unless there is no such `}` or nothing is between the two.
    @usableFromInline @inline(never)
    func slotOfTagged(_ key: UnsafeRawBufferPointer) -> SlotIndex {
        var tag = unsafe key
        if let open = unsafe key.firstIndex(of: UInt8(ascii: "{")) {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: key[(open + 1)...])
            let close = unsafe rest.firstIndex(of: UInt8(ascii: "}")) ?? 0
            if close > 0 { unsafe tag = UnsafeRawBufferPointer(rebasing: rest[..<close]) }
        }
        guard let start = tag.baseAddress else { return SlotIndex(0) }
        return SlotIndex(unsafe checksum(start, tag.count) & UInt16(SlotIndex.count - 1))
    }
}

// MARK: - Checksum

extension SlotHasher {
    /// CRC-16/XMODEM of `count` bytes at `start`.
    @inlinable @inline(__always)
    func checksum(_ start: UnsafeRawPointer, _ count: Int) -> UInt16 {
        if count < 8 { return unsafe folded(SlotHasher.shortWord(start, count), 0) }
        var checksum: UInt16 = 0
        var offset = count & 7
        if offset != 0 {
            let word = unsafe SlotHasher.bigEndianWord(start)
            checksum = folded(word &>> UInt64(truncatingIfNeeded: 64 &- 8 &* offset), 0)
        }
        while offset < count {
            checksum = folded(unsafe SlotHasher.bigEndianWord(start + offset), checksum)
            offset &+= 8
        }
        return checksum
    }

    /// The checksum after eight more bytes, the first of them most significant in `word`.
    @inlinable @inline(__always)
    func folded(_ word: UInt64, _ checksum: UInt16) -> UInt16 {
        let mixed = word ^ UInt64(checksum) &<< 48
        let first = entry(7, mixed &>> 56) ^ entry(6, mixed &>> 48)
        let second = entry(5, mixed &>> 40) ^ entry(4, mixed &>> 32)
        let third = entry(3, mixed &>> 24) ^ entry(2, mixed &>> 16)
        let fourth = entry(1, mixed &>> 8) ^ entry(0, mixed)
        return (first ^ second) ^ (third ^ fourth)
    }

    @inlinable @inline(__always)
    func entry(_ table: Int, _ word: UInt64) -> UInt16 {
        unsafe tables[256 &* table &+ Int(truncatingIfNeeded: word & 0xFF)]
    }

    @inlinable @inline(__always)
    static func bigEndianWord(_ start: UnsafeRawPointer) -> UInt64 {
        UInt64(bigEndian: unsafe start.loadUnaligned(as: UInt64.self))
    }

    /// Fewer than eight bytes as one word, zero-extended in front: loads that overlap instead of a
    /// loop.
    @inlinable @inline(__always)
    static func shortWord(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 4 {
            let head = unsafe UInt32(bigEndian: start.loadUnaligned(as: UInt32.self))
            let tail = unsafe UInt32(bigEndian: (start + count - 4).loadUnaligned(as: UInt32.self))
            return UInt64(head) &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4)) | UInt64(tail)
        }
        var word: UInt64 = 0
        for offset in 0..<count {
            word = word &<< 8 | UInt64(unsafe start.load(fromByteOffset: offset, as: UInt8.self))
        }
        return word
    }
}

// MARK: - Looking for a brace

extension SlotHasher {
    /// Whether any of the bytes is `{`; exact, eight bytes a step.
    @inlinable @inline(__always)
    static func holdsBrace(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        if count < 8 { return unsafe holdsBrace(shortWord(start, count)) }
        var offset = 0
        while offset &+ 8 < count {
            if unsafe holdsBrace(bigEndianWord(start + offset)) { return true }
            offset &+= 8
        }
        return unsafe holdsBrace(bigEndianWord(start + count - 8))
    }

    /// Whether a byte of `word` is `{`: the byte that becomes zero borrows into its top bit.
    ///
    /// Source: Mycroft's zero-byte test.
    @inlinable @inline(__always)
    static func holdsBrace(_ word: UInt64) -> Bool {
        let zeroed = word ^ 0x7B7B_7B7B_7B7B_7B7B
        return (zeroed &- 0x0101_0101_0101_0101) & ~zeroed & 0x8080_8080_8080_8080 != 0
    }
}
