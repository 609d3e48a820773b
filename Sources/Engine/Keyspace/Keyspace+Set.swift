// Sets in their three forms: integers, a pack, a table of members (docs/internals/collections.md).
//
// Positions. What changes a set in its entry leaves the word where it is and may move the entry, so
// a position stays valid over these calls, and its entry is asked for anew.

import Base
import Log

/// Up to where sets keep their small forms.
struct SetLimits: BitwiseCopyable {
    var pack: PackLimits
    /// How many integers are held as an integer set.
    var integersMax: Int
}

extension EngineLimits {
    var set: SetLimits { SetLimits(pack: setPack, integersMax: integerSetEntriesMax) }
}

extension NewValue {
    /// A set without members, in the form that a set beginning with `member` has; the caller adds
    /// it at once.
    static func emptySet(for member: PackElement) -> NewValue {
        member.integer != nil ? emptyIntegerSet : .packed(Bytes("\u{0}\u{0}"), .packedSet)
    }

    /// A set without members, as it is before integers are added.
    static var emptyIntegerSet: NewValue { .packed(Bytes("\u{2}"), .integerSet) }
}

extension Keyspace {
    /// Whether the set at `entry` has the member.
    @inline(__always)
    func isMember(_ member: PackElement, of entry: Entry) -> Bool {
        switch entry.form {
        case .set:
            let root = unsafe entry.members
            return member.withBytes { unsafe findMember($0, in: root) != nil }
        case .packedSet: return Pack(entry).find(PackEncoding(member), step: 1) != nil
        case .integerSet:
            guard let integer = member.integer else { return false }
            return IntegerSet(entry).contains(integer)
        default: invariantFailed("a set has the form of one")
        }
    }

    // MARK: Adding

    /// Adds a member to the set at `position`, converting it where it outgrows its form; false
    /// where it was there. No stamp is taken.
    mutating func addMember(
        _ member: PackElement, _ key: KeyReference, _ position: Position, _ limits: SetLimits
    ) -> Bool {
        let isNew = addUnlogged(member, key, position, limits)
        if isNew { note(.setAdd, key, position, PackEncoding(member)) }
        return isNew
    }

    private mutating func addUnlogged(
        _ member: PackElement, _ key: KeyReference, _ position: Position, _ limits: SetLimits
    ) -> Bool {
        switch position.entry.form {
        case .set:
            let root = unsafe position.entry.members
            return member.withBytes { unsafe addEntry($0, in: root) }
        case .packedSet: return addPacked(member, key, position, limits)
        case .integerSet: return addToIntegers(member, key, position, limits)
        default: invariantFailed("a set has the form of one")
        }
    }

    private mutating func addEntry(
        _ member: Bytes, in root: UnsafeMutablePointer<Table>
    ) -> Bool {
        let hash = hash(of: member)
        if unsafe Self.find(member, hash, in: Self.leaf(root, hash)) != nil { return false }
        unsafe insertMember(member, hash, .bytes(Bytes()), in: root)
        return true
    }

    private mutating func addPacked(
        _ member: PackElement, _ key: KeyReference, _ position: Position, _ limits: SetLimits
    ) -> Bool {
        let pack = Pack(position.entry)
        let encoding = PackEncoding(member)
        if pack.find(encoding, step: 1) != nil { return false }
        let fits =
            pack.count < limits.pack.entries && member.length <= limits.pack.valueLength
            && pack.byteCount + encoding.size <= Pack.byteCountMax
        if fits {
            appendElement(encoding, position, key.hash)
            return true
        }
        convertToMembers(key, position)
        return addUnlogged(member, key, position, limits)
    }

    private mutating func addToIntegers(
        _ member: PackElement, _ key: KeyReference, _ position: Position, _ limits: SetLimits
    ) -> Bool {
        let set = IntegerSet(position.entry)
        if let integer = member.integer {
            if set.contains(integer) { return false }
            if hasRoom(for: integer, set, limits) {
                insertInteger(integer, position, key.hash)
                return true
            }
        }
        if packIntegers(set, with: member, limits.pack) {
            convert(key, position, to: .packed(packScratch.bytes, .packedSet))
        } else {
            convertToMembers(key, position)
        }
        return addUnlogged(member, key, position, limits)
    }

    /// Writes the integers into ``packScratch`` as a pack; false where a pack must not hold them
    /// and `member`.
    private mutating func packIntegers(
        _ set: IntegerSet, with member: PackElement, _ limits: PackLimits
    ) -> Bool {
        if set.count >= limits.entries || member.length > limits.valueLength { return false }
        packScratch.removeAll()
        unsafe packScratch.reserve(2).storeBytes(of: UInt16(set.count), as: UInt16.self)
        packScratch.advance(2)
        for index in 0..<set.count {
            let element = PackElement.integer(set[index])
            if element.length > limits.valueLength { return false }
            packScratch.append(PackEncoding(element))
        }
        return packScratch.count + PackEncoding(member).size <= Pack.byteCountMax
    }

    /// Gives the members of a small set a table of their own.
    private mutating func convertToMembers(_ key: KeyReference, _ position: Position) {
        let root = unsafe makeMembers()
        var walk = MemberWalk()
        var found = GrowableArray<WalkedMember>(capacity: 64)
        while !walk.isAtEnd {
            found.removeAll()
            walk.collect(64, of: position.entry, self, into: &found)
            for index in 0..<found.count {
                found[index].element.withBytes { member in
                    _ = unsafe insertMember(member, .bytes(Bytes()), in: root)
                }
            }
        }
        convert(key, position, to: unsafe .object(UnsafeMutableRawPointer(root), .set))
    }

    // MARK: Removing

    /// Takes a member out of the set at `position`; false where it was not there. The last one
    /// leaves a set without members, which the caller removes. No stamp is taken.
    mutating func takeMember(
        _ member: PackElement, _ key: KeyReference, _ position: Position
    ) -> Bool {
        if log.isOn, isMember(member, of: position.entry) {
            // While its bytes are there.
            note(.setRemove, key, position, PackEncoding(member))
        }
        return takeUnlogged(member, key.hash, position)
    }

    private mutating func takeUnlogged(
        _ member: PackElement, _ hash: UInt64, _ position: Position
    ) -> Bool {
        let entry = position.entry
        switch entry.form {
        case .set:
            let root = unsafe entry.members
            return member.withBytes { bytes in
                guard let place = unsafe findMember(bytes, in: root) else { return false }
                unsafe removeMember(place, in: root)
                return true
            }
        case .packedSet:
            guard let offset = Pack(entry).find(PackEncoding(member), step: 1) else {
                return false
            }
            removeElements(1, position, hash, at: offset)
            return true
        case .integerSet:
            let set = IntegerSet(entry)
            guard let integer = member.integer, set.contains(integer) else { return false }
            removeInteger(at: set.place(of: integer), position, hash)
            return true
        default: invariantFailed("a set has the form of one")
        }
    }

    // MARK: Drawing

    /// A member drawn evenly; it lives until the next write.
    func randomMember(of entry: Entry, _ random: inout SplitMix64) -> PackElement {
        switch entry.form {
        case .set:
            let root = unsafe entry.members
            return .bytes(unsafe randomMember(of: root, &random).key)
        case .packedSet:
            let pack = Pack(entry)
            let index = Int.random(in: 0..<pack.count, using: &random)
            return pack.element(at: pack.offset(ofElement: index))
        case .integerSet:
            let set = IntegerSet(entry)
            return .integer(set[Int.random(in: 0..<set.count, using: &random)])
        default: invariantFailed("a set has the form of one")
        }
    }
}
