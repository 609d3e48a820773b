// Strings that are held compressed (docs/internals/keyspace.md, "Compressed values").

import Base
import CLZ4

extension Keyspace {
    /// A longer string is never compressed: a command decompresses the whole of it, which then
    /// takes 30 µs at most, and compressing it takes a tenth of a millisecond.
    static let compressedLengthMax = storedAtOnceMax - 1

    /// What a command stores that stores a whole string: compressed where it is long enough for it
    /// and becomes an eighth shorter. What saves less seldom even takes a block of a smaller size,
    /// and still costs each reader the way back.
    ///
    /// - Returns: of compressed bytes, a view that the next use of ``packScratch`` ends.
    @inline(__always)
    mutating func compressing(_ bytes: Bytes) -> NewValue {
        if _slowPath(bytes.count > plainStringMax) { return compressingLong(bytes) }
        return .bytes(bytes)
    }

    @inline(never)
    private mutating func compressingLong(_ bytes: Bytes) -> NewValue {
        let room = bytes.count - bytes.count / 8 - CompressedString.headerSize
        if room <= 0 || !isCompressible(bytes.count) { return .bytes(bytes) }
        packScratch.removeAll()
        let target = unsafe packScratch.reserve(CompressedString.headerSize + room)
        let size = unsafe gyre_lz4_compress(
            bytes.start, bytes.count, target + CompressedString.headerSize, room)
        if size == 0 { return .bytes(bytes) }
        unsafe target.storeBytes(of: UInt32(bytes.count).littleEndian, as: UInt32.self)
        packScratch.advance(CompressedString.headerSize + size)
        return .packed(packScratch.bytes, .compressed)
    }

    /// Whether a string of so many bytes is to be compressed.
    @inline(__always)
    func isCompressible(_ count: Int) -> Bool {
        count > plainStringMax && count <= Self.compressedLengthMax
    }

    /// The string at an entry. Of a compressed one, a view that the next use of ``packScratch``
    /// ends: who needs several, or keeps one, has them inflated where they are
    /// (``inflate(_:_:)``).
    @inline(__always)
    mutating func string(of entry: Entry) -> StringValue {
        if entry.has(.integer) { return .integer(entry.integer) }
        return .bytes(stringBytes(of: entry))
    }

    /// As ``string(of:)`` of what is no integer.
    @inline(__always)
    mutating func stringBytes(of entry: Entry) -> Bytes {
        if _slowPath(entry.isCompressed) { return inflated(entry) }
        return entry.valueBytes
    }

    @inline(never)
    private mutating func inflated(_ entry: Entry) -> Bytes {
        let string = entry.compressed
        packScratch.removeAll()
        unsafe string.inflate(to: packScratch.reserve(string.length))
        packScratch.advance(string.length)
        return packScratch.bytes
    }

    /// Holds a compressed string as it is from now on, which is the same value and so no write.
    @inline(never)
    mutating func inflate(_ key: KeyReference, _ position: Position) {
        let old = position.entry
        let (flags, access) = (old.formAndFlags & (Entry.isModified | Entry.isPinned), old.access)
        convert(key, position, to: .bytes(inflated(old)))
        position.entry.formAndFlags |= flags
        position.entry.access = access
    }

    /// As ``read(_:)``; a compressed string is held as it is from now on, so that what is seen of
    /// it stays where it is while other keys are looked up.
    mutating func readInflated(_ key: KeyReference) -> Entry? {
        guard let entry = read(key) else { return nil }
        if _fastPath(!entry.isCompressed) { return entry }
        inflate(key)
        return find(key)?.entry
    }

    /// As ``inflate(_:_:)`` of a key that may be anything, or not there.
    ///
    /// - Returns: the string's length where it was compressed, else 0.
    @discardableResult
    mutating func inflate(_ key: KeyReference) -> Int {
        guard let position = find(key), position.entry.isCompressed else { return 0 }
        inflate(key, position)
        return position.entry.stringLength
    }
}
