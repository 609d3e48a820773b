// The fields of a hash, in either of its forms: a pack of fields and values in turn, or a table of
// members.

import Base
import Log

extension Keyspace {
    /// How many fields a hash has.
    @inline(__always)
    func fieldCount(of entry: Entry) -> Int {
        if entry.has(.packedHash) { return Pack(entry).count &>> 1 }
        return unsafe Int(entry.members.pointee.count)
    }

    /// The value of a field. The view lives until the next write.
    @inline(__always)
    func findField(_ field: Bytes, in entry: Entry) -> StringValue? {
        if entry.has(.packedHash) {
            let pack = Pack(entry)
            guard let offset = pack.find(field, step: 2) else { return nil }
            return StringValue(pack.element(at: pack.next(offset)))
        }
        return unsafe findMember(field, in: entry.members)?.entry.value
    }

    /// Sets a field of a hash. No stamp is taken.
    ///
    /// The hash changes its form where it outgrows `limits`; `position` stays valid.
    ///
    /// - Returns: whether the field is new.
    mutating func setField(
        _ key: KeyReference, _ position: Position, _ field: Bytes, _ value: StringValue,
        _ limits: PackLimits
    ) -> Bool {
        note(.hashSet, key, position, PackEncoding(field), PackEncoding(value))
        if position.entry.has(.packedHash) {
            if field.count <= limits.valueLength, value.length <= limits.valueLength {
                let isNew = setPackedField(key, position, field, value)
                if let isNew {
                    if _slowPath(Pack(position.entry).count &>> 1 > limits.entries) {
                        unpackHash(key, position)
                    }
                    return isNew
                }
            }
            unpackHash(key, position)
        }
        let members = unsafe position.entry.members
        if let member = unsafe findMember(field, in: members) {
            replaceMember(field, member, NewValue(value))
            return false
        }
        unsafe insertMember(field, NewValue(value), in: members)
        return true
    }

    /// Sets a field in a pack; nil where the pack would get too large.
    private mutating func setPackedField(
        _ key: KeyReference, _ position: Position, _ field: Bytes, _ value: StringValue
    ) -> Bool? {
        let pack = Pack(position.entry)
        let newValue = PackEncoding(value)
        if let offset = pack.find(field, step: 2) {
            let valueOffset = pack.next(offset)
            let size = pack.byteCount - pack.size(at: valueOffset) + newValue.size
            if size > Pack.byteCountMax { return nil }
            replaceElement(newValue, position, key.hash, at: valueOffset)
            return false
        }
        let newField = PackEncoding(field)
        let end = pack.byteCount
        let added = newField.size + newValue.size
        if end + added > Pack.byteCountMax { return nil }
        let start = unsafe splice(position, key.hash, at: end, removing: 0, inserting: added)
        unsafe newField.write(to: start + end)
        unsafe newValue.write(to: start + end + newField.size)
        Pack(position.entry).count += 2
        return true
    }

    /// Gives a packed hash a table of its own.
    private mutating func unpackHash(_ key: KeyReference, _ position: Position) {
        let pack = position.entry.valueBytes
        let fields = pack.slice(Pack.headerSize, pack.count)
        let object = unsafe makeObject(.hash, from: fields)
        unsafe convert(key, position, to: .object(object, .hash))
    }

    /// Takes a field out of a hash, which may have none left then. No stamp is taken.
    ///
    /// - Returns: whether the field was there.
    mutating func removeField(
        _ key: KeyReference, _ position: Position, _ field: Bytes
    ) -> Bool {
        if position.entry.has(.packedHash) {
            guard let offset = Pack(position.entry).find(field, step: 2) else { return false }
            note(.hashRemove, key, position, PackEncoding(field))
            removeElements(2, position, key.hash, at: offset)
            return true
        }
        let members = unsafe position.entry.members
        guard let member = unsafe findMember(field, in: members) else { return false }
        note(.hashRemove, key, position, PackEncoding(field))
        unsafe removeMember(member, in: members)
        return true
    }
}

extension StringValue {
    /// What a pack holds as a string. Scores are none.
    @inline(__always)
    init(_ element: PackElement) {
        switch element {
        case .bytes(let bytes): self = .bytes(bytes)
        case .integer(let integer): self = .integer(integer)
        case .double: invariantFailed("a score is not read as bytes")
        }
    }
}

extension NewValue {
    /// The value of a hash's field: bytes that spell an integer become one.
    @inline(__always)
    init(_ value: StringValue) {
        switch value {
        case .integer(let integer): self = .integer(integer)
        case .bytes(let bytes): self = .encoding(bytes)
        }
    }
}
