// How the bit commands get at strings: the only look-ups that they have.

import Base

/// A string that a command reads.
struct StringFound {
    /// Nil where there is no such key.
    let entry: Entry?
    /// What it says; empty where there is no such key.
    let value: StringValue

    var isThere: Bool { entry != nil }
    /// Bytes, 0 where there is no such key.
    var length: Int { value.length }

    /// Calls `body` with the string's bytes, none where there is no such key.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        value.withBytes(body)
    }
}

/// A string that a command changes in place. The pointer lives until the next write.
@safe
struct StringOpened {
    let start: UnsafeMutableRawPointer
    let length: Int
    /// Where it stands; nil for a string that was made for the command, whose write is noted.
    let position: Position?
    /// Zeros were added at its end.
    let hasGrown: Bool

    /// The byte at `index`, 0..<length.
    @inline(__always)
    subscript(index: Int) -> UInt8 {
        get {
            invariant(UInt(bitPattern: index) < UInt(bitPattern: length), "a byte is inside")
            return unsafe start.load(fromByteOffset: index, as: UInt8.self)
        }
        nonmutating set {
            invariant(UInt(bitPattern: index) < UInt(bitPattern: length), "a byte is inside")
            unsafe start.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self)
        }
    }

    /// The bytes as they are now.
    var bytes: Bytes { unsafe Bytes(start: start, count: length) }
}

extension Engine {
    /// The string at a key, for reading before another one is; nil after answering with an error.
    @inline(__always)
    mutating func findString(_ key: KeyReference) -> StringFound? {
        guard let found = read(key, .string) else { return nil }
        return look(at: found.entry)
    }

    /// As ``findString(_:)`` of an entry that has been looked up.
    @inline(__always)
    mutating func look(at entry: Entry?) -> StringFound {
        guard let entry else { return StringFound(entry: nil, value: .bytes(Bytes())) }
        return StringFound(entry: entry, value: keyspace.string(of: entry))
    }

    /// The string at a key, at least `length` bytes long, for changing in place; nil after
    /// answering with an error. ``stringChanged(_:_:_:_:)`` follows.
    @inline(__always)
    mutating func openString(_ key: KeyReference, _ length: Int) -> StringOpened? {
        guard let found = find(key, .string) else { return nil }
        guard let position = found.position else {
            return unsafe StringOpened(
                start: keyspace.insertZeros(key, count: length), length: length, position: nil,
                hasGrown: true)
        }
        let before = position.entry.stringLength
        let after = max(before, length)
        return unsafe StringOpened(
            start: keyspace.openString(key, position, after), length: after, position: position,
            hasGrown: after > before)
    }

    /// Counts what was done to an opened string as one write, or as none where nothing changed.
    ///
    /// - Parameter range: where it may have changed; with its end, if it has grown.
    @inline(__always)
    mutating func stringChanged(
        _ key: KeyReference, _ string: StringOpened, _ isChanged: Bool, _ range: Range<Int>
    ) {
        if !isChanged, !string.hasGrown { return }
        if let position = string.position { keyspace.touch(key, position) }
        keyspace.noteSplice(key, string.position, range)
    }
}
