// The members of large collections.
//
// A hash, set or sorted set that has outgrown its pack keeps its members as entries in a table of
// its own, made, grown, searched and scanned as a slot's is: `object` of the key's entry is the
// address of that table, 32 bytes (of a sorted set the rank tree follows it).
//
// Members have no deadline, and those of hashes and sets no stamp either: their blocks spare its
// eight bytes. The table tells so.

import Base

extension Entry {
    /// The table of the members, of a hash, set or sorted set that has one.
    var members: UnsafeMutablePointer<Table> {
        unsafe object.assumingMemoryBound(to: Table.self)
    }

    /// The bytes before a member's key length: the stamp's.
    static let stampSize = 8
}

extension Table {
    /// Of a collection's own table: so many bytes at the start of its members' entries are not
    /// there, 0 or the stamp's.
    @inline(__always)
    var sparedBytes: Int { Int(truncatingIfNeeded: stamp) }
}

/// A place in the order of a collection's members (Keyspace+Scan.swift).
struct MemberCursor: BitwiseCopyable {
    var path: UInt64 = 0
    var tag: UInt64 = 0
    var isAtEnd = false

    init() {}

    /// Reads what SSCAN and its kin were given.
    init(_ cursor: ScanCursor) {
        path = cursor.path
        tag = cursor.tag
    }

    /// What SSCAN and its kin answer: zero at the end.
    var scanCursor: ScanCursor {
        isAtEnd ? ScanCursor(rawValue: 0) : ScanCursor(slot: 0, path: path, tag: tag)
    }
}

extension Keyspace {
    /// Where a member stands in its collection's table.
    @inline(__always)
    func findMember(_ member: Bytes, in root: UnsafeMutablePointer<Table>) -> Position? {
        let hash = hash(of: member)
        return unsafe Self.find(member, hash, in: Self.leaf(root, hash))
    }

    /// Adds a member that is not there: a hash's field with its value, another's with no bytes.
    @discardableResult
    mutating func insertMember(
        _ member: Bytes, _ value: NewValue, in root: UnsafeMutablePointer<Table>
    ) -> Entry {
        unsafe insertMember(member, hash(of: member), value, in: root)
    }

    /// As ``insertMember(_:_:in:)`` for a member whose hash is known.
    @discardableResult
    mutating func insertMember(
        _ member: Bytes, _ hash: UInt64, _ value: NewValue, in root: UnsafeMutablePointer<Table>
    ) -> Entry {
        let layout = EntryLayout(value, hasDeadline: false, keyLength: member.count)
        let spared = unsafe root.pointee.sparedBytes
        let entry = allocateEntry(layout.size, sparing: spared)
        write(member, value, layout, nil, into: entry)
        if spared == 0 { entry.stamp = Stamp(rawValue: 0) }
        entry.access = 0
        unsafe link(entry, hash, below: root)
        return entry
    }

    /// Puts another value in the place of a member's.
    @discardableResult
    mutating func replaceMember(
        _ member: Bytes, _ position: Position, _ value: NewValue,
        in root: UnsafeMutablePointer<Table>
    ) -> Entry {
        let spared = unsafe root.pointee.sparedBytes
        let stamp = spared == 0 ? position.entry.stamp : Stamp(rawValue: 0)
        let entry = rewrite(
            position, member, hash(of: member), value, nil, sparing: spared)
        if spared == 0 { entry.stamp = stamp }
        entry.access = 0
        return entry
    }

    /// Takes a member out. A directory that this empties stays one until the collection goes.
    mutating func removeMember(_ position: Position, in root: UnsafeMutablePointer<Table>) {
        let entry = position.entry
        let hash = hash(of: entry.key)
        let size = entry.size
        releaseValue(entry)
        unsafe unlink(position, hash, below: root)
        deallocateEntry(entry, size, sparing: unsafe root.pointee.sparedBytes)
    }

    /// A block for an entry of `size` bytes whose first `spared` bytes are never touched.
    @inline(__always)
    mutating func allocateEntry(_ size: Int, sparing spared: Int) -> Entry {
        unsafe Entry(memory.allocate(size &- spared) - spared)
    }

    @inline(__always)
    mutating func deallocateEntry(_ entry: Entry, _ size: Int, sparing spared: Int) {
        unsafe memory.deallocate(entry.pointer + spared, size &- spared)
    }

    /// Appends about `count` members from `cursor` on to `found`, and moves the cursor on. What is
    /// there throughout a walk is found at least once, whatever else comes and goes; without
    /// changes, exactly once.
    func collectMembers(
        of root: UnsafeMutablePointer<Table>, from cursor: inout MemberCursor, count: Int,
        into found: inout GrowableArray<Entry>
    ) {
        unsafe walkMembers(of: root, from: &cursor, count: count) { found.append($0) }
    }

    /// As ``collectMembers(of:from:count:into:)``, calling `visit`, which must not change the
    /// keyspace.
    @inline(__always)
    func walkMembers(
        of root: UnsafeMutablePointer<Table>, from cursor: inout MemberCursor, count: Int,
        _ visit: (Entry) -> Void
    ) {
        if unsafe root.pointee.count == 0 {
            cursor.isAtEnd = true
            return
        }
        var left = max(count, 1)
        cursor.isAtEnd = unsafe scanSlot(root, &cursor.path, &cursor.tag, &left, visit)
    }

    /// Calls `visit` with every member. It must not change the keyspace.
    func forEachMember(of root: UnsafeMutablePointer<Table>, _ visit: (Entry) -> Void) {
        var left = Int.max
        unsafe visitAll(root, &left, visit)
    }

    /// A member drawn evenly.
    func randomMember(
        of root: UnsafeMutablePointer<Table>, _ random: inout SplitMix64
    ) -> Entry {
        unsafe randomPlace(of: root, &random).entry
    }

    /// Where a member drawn evenly stands.
    func randomPlace(
        of root: UnsafeMutablePointer<Table>, _ random: inout SplitMix64
    ) -> Position {
        var table = unsafe root
        while unsafe table.pointee.isDirectory {
            var number = Int.random(in: 0..<(unsafe Int(table.pointee.count)), using: &random)
            var child = unsafe table.pointee.children
            while unsafe number >= Int(child.pointee.count) {
                number -= unsafe Int(child.pointee.count)
                unsafe child += 1
            }
            unsafe table = unsafe child
        }
        // Places are drawn until one is taken; a table is at least a quarter full, or one bucket.
        let places = unsafe Int(table.pointee.bucketCount) * Table.bucketWords
        while true {
            let place = Int.random(in: 0..<places, using: &random)
            if unsafe table.pointee.words[place] != 0 {
                return unsafe Position(word: table.pointee.words + place, table: table)
            }
        }
    }
}
