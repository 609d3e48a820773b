// Applying effects: how a log and snapshots become the state again, and how a replica follows.
//
// Every effect is applied by what made it: the keyspace's own changes, with the stamp that the
// record brings. An effect on a collection that is not there makes it: records of a snapshot stand
// in the order in which they were written, and a change may come before the value that it belongs
// to, which then replaces it.

import Base
import Log

extension Engine {
    /// Applies what a record of an effect says, already inflated; false where it cannot be: the key
    /// holds a value of another type, or its bytes are no elements, which is an error of whoever
    /// wrote it. The log is off.
    package mutating func apply(_ record: Record, _ effect: Effect) -> Bool {
        if case .flushSlot = effect {
            keyspace.flush(record.slot, record.stamp)
            return true
        }
        let key = KeyReference(
            bytes: record.key, hash: keyspace.hash(of: record.key), slot: record.slot)
        let last = keyspace.stamp(ofSlot: record.slot).rawValue
        keyspace.setStamp(ofSlot: record.slot, to: record.stamp &- 1)
        let isApplied = apply(effect, key, record)
        keyspace.setStamp(ofSlot: record.slot, to: max(last, record.stamp))
        return isApplied
    }

    /// A slot of a snapshot is applied to its end: its next write has a higher stamp.
    package mutating func endSlot(_ slot: UInt16, _ stamp: UInt64) {
        keyspace.raiseStamp(ofSlot: slot, to: Stamp(rawValue: stamp))
    }

    private mutating func apply(
        _ effect: Effect, _ key: KeyReference, _ record: Record
    ) -> Bool {
        let position = keyspace.find(key)
        let deadline: DeadlineChange =
            if let time = record.deadline { .set(time) } else { .clear }
        switch effect {
        case .putString(let bytes):
            let value = keyspace.compressing(bytes)
            keyspace.store(key, position, value, deadline)
        case .putInteger(let value): keyspace.store(key, position, .integer(value), deadline)
        case .putList(let row): return putList(row, key, position, deadline)
        case .putHash(let row):
            return put(row, .hash, .packedHash, limits.hashPack, key, position, deadline)
        case .putSet(let row): return putSet(row, key, position, deadline)
        case .putSortedSet(let row):
            return put(
                row, .sortedSet, .packedSortedSet, limits.sortedSetPack, key, position, deadline)
        case .remove: if let position { keyspace.remove(key, position) }
        case .setDeadline: if let position { keyspace.setDeadline(key, position, record.deadline) }
        case .flushSlot: invariantFailed("a flush has no key")
        case .splice(let offset, let bytes): return splice(Int(offset), bytes, key, position)
        case .hashSet(let row): return setFields(row, key, position)
        case .hashRemove(let row):
            return removeAll(row, .hash, key, position) { engine, member, position in
                _ = engine.keyspace.removeField(key, position, member)
            }
        case .setAdd(let row): return addMembers(row, key, position)
        case .setRemove(let row):
            return removeAll(row, .set, key, position) { engine, member, position in
                _ = engine.keyspace.takeMember(.bytes(member), key, position)
            }
        case .sortedSetAdd(let row): return addScores(row, key, position)
        case .sortedSetRemove(let row):
            return removeAll(row, .sortedSet, key, position) { engine, member, position in
                let place = engine.keyspace.findScored(member, in: position.entry)
                if let place { engine.keyspace.removeScored(place, key, position) }
            }
        case .listPushLeft(let row): return push(row, .left, key, position)
        case .listPushRight(let row): return push(row, .right, key, position)
        case .listSet, .listInsert, .listRemove, .listRemoveEqual:
            return changeList(effect, key, position)
        }
        return true
    }

    // MARK: Strings

    private mutating func splice(
        _ offset: Int, _ bytes: Bytes, _ key: KeyReference, _ position: Position?
    ) -> Bool {
        let end = offset + bytes.count
        guard let position else {
            let start = unsafe keyspace.insertZeros(key, count: max(end, 1))
            unsafe (start + offset).copyMemory(from: bytes.start, byteCount: bytes.count)
            return true
        }
        if position.entry.type != .string { return false }
        let length = max(end, position.entry.stringLength)
        let start = unsafe keyspace.resizeString(key, position, to: length)
        unsafe (start + offset).copyMemory(from: bytes.start, byteCount: bytes.count)
        return true
    }

    // MARK: Puts

    /// What a row of elements is made of.
    private struct RowShape {
        var count = 0
        /// Of a string, in bytes.
        var lengthMax = 0
        var areIntegers = true
        /// A score is the zero below zero, which packs do not hold.
        var hasNegativeZero = false
    }

    /// Reads through the row of a value of this type; nil where it is none.
    private func measure(_ row: Bytes, _ type: ValueType) -> RowShape? {
        var shape = RowShape()
        var rest = ElementRow(row)
        while rest.isWhole, let element = rest.next() {
            shape.count += 1
            if type == .sortedSet, shape.count % 2 == 0 {
                if case .bytes = element { return nil }
                let score = element.number
                if score.isNaN { return nil }
                if score == 0, score.sign == .minus { shape.hasNegativeZero = true }
                continue
            }
            if case .double = element { return nil }
            shape.lengthMax = max(shape.lengthMax, element.length)
            if element.integer == nil { shape.areIntegers = false }
        }
        let arePairs = type == .hash || type == .sortedSet
        if !rest.isAtEnd || shape.count == 0 || arePairs && shape.count % 2 != 0 { return nil }
        return shape
    }

    /// A hash or sorted set.
    private mutating func put(
        _ row: Bytes, _ form: Entry.Form, _ packedForm: Entry.Form, _ pack: PackLimits,
        _ key: KeyReference, _ position: Position?, _ deadline: DeadlineChange
    ) -> Bool {
        guard let shape = measure(row, form == .hash ? .hash : .sortedSet) else { return false }
        let isPacked =
            shape.count / 2 <= pack.entries && shape.lengthMax <= pack.valueLength
            && Pack.headerSize + row.count <= Pack.byteCountMax && !shape.hasNegativeZero
        if isPacked {
            storePack(row, shape.count, packedForm, key, position, deadline)
        } else {
            let object = unsafe keyspace.makeObject(form, from: row)
            keyspace.store(key, position, unsafe .object(object, form), deadline)
        }
        return true
    }

    private mutating func storePack(
        _ row: Bytes, _ count: Int, _ form: Entry.Form, _ key: KeyReference,
        _ position: Position?, _ deadline: DeadlineChange
    ) {
        keyspace.packScratch.removeAll()
        keyspace.packScratch.append("\u{0}\u{0}")
        keyspace.packScratch.append(row)
        Pack(keyspace.packScratch).count = count
        keyspace.store(key, position, .packed(keyspace.packScratch.bytes, form), deadline)
    }

    private mutating func putSet(
        _ row: Bytes, _ key: KeyReference, _ position: Position?, _ deadline: DeadlineChange
    ) -> Bool {
        guard let shape = measure(row, .set) else { return false }
        let pack = limits.setPack
        if shape.areIntegers, shape.count <= limits.integerSetEntriesMax {
            keyspace.store(key, position, .emptyIntegerSet, deadline)
            return addMembers(row, key, keyspace.find(key), isStamped: true)
        }
        let isPacked =
            shape.count <= pack.entries && shape.lengthMax <= pack.valueLength
            && Pack.headerSize + row.count <= Pack.byteCountMax
        if isPacked {
            storePack(row, shape.count, .packedSet, key, position, deadline)
        } else {
            let object = unsafe keyspace.makeObject(.set, from: row)
            keyspace.store(key, position, unsafe .object(object, .set), deadline)
        }
        return true
    }

    private mutating func putList(
        _ row: Bytes, _ key: KeyReference, _ position: Position?, _ deadline: DeadlineChange
    ) -> Bool {
        if measure(row, .list) == nil { return false }
        if let position { keyspace.discard(key, position) }
        _ = push(row, .right, key, nil)
        guard case .set(let time) = deadline, let made = keyspace.find(key) else { return true }
        keyspace.setStamp(ofSlot: key.slot, to: made.entry.stamp.rawValue &- 1)
        keyspace.setDeadline(key, made, time)
        return true
    }

    // MARK: Changes of collections

    private mutating func setFields(
        _ row: Bytes, _ key: KeyReference, _ position: Position?
    ) -> Bool {
        if measure(row, .hash) == nil { return false }
        if let position, position.entry.type != .hash { return false }
        let place = position ?? keyspace.insertPack(key, .packedHash)
        var rest = ElementRow(row)
        while let field = rest.next(), let value = rest.next() {
            field.withBytes { field in
                _ = keyspace.setField(key, place, field, StringValue(value), limits.hashPack)
            }
        }
        if position != nil { keyspace.touch(key, place) }
        return true
    }

    /// - Parameter isStamped: the write has its stamp already.
    private mutating func addMembers(
        _ row: Bytes, _ key: KeyReference, _ position: Position?, isStamped: Bool = false
    ) -> Bool {
        if measure(row, .set) == nil { return false }
        if let position, position.entry.type != .set { return false }
        var rest = ElementRow(row)
        var place = position
        while let member = rest.next() {
            let there = place ?? keyspace.insert(key, .emptySet(for: member))
            place = there
            _ = keyspace.addMember(member, key, there, limits.set)
        }
        if let position, !isStamped { keyspace.touch(key, position) }
        return true
    }

    private mutating func addScores(
        _ row: Bytes, _ key: KeyReference, _ position: Position?
    ) -> Bool {
        if measure(row, .sortedSet) == nil { return false }
        if let position, position.entry.type != .sortedSet { return false }
        let place = position ?? keyspace.insertPack(key, .packedSortedSet)
        var rest = ElementRow(row)
        while let member = rest.next(), let score = rest.next() {
            member.withBytes { member in
                if let there = keyspace.findScored(member, in: place.entry) {
                    keyspace.changeScore(of: member, there, to: score.number, key, place)
                } else {
                    keyspace.addScored(member, score.number, key, place, limits.sortedSetPack)
                }
            }
        }
        if position != nil { keyspace.touch(key, place) }
        return true
    }

    /// Takes members out, and the key away where none is left.
    private mutating func removeAll(
        _ row: Bytes, _ type: ValueType, _ key: KeyReference, _ position: Position?,
        _ remove: (inout Engine, Bytes, Position) -> Void
    ) -> Bool {
        if measure(row, .set) == nil { return false }
        guard let position else { return true }
        if position.entry.type != type { return false }
        var rest = ElementRow(row)
        while let member = rest.next() {
            member.withBytes { remove(&self, $0, position) }
            if keyspace.memberCount(of: position.entry) == 0 {
                keyspace.remove(key, position)
                return true
            }
        }
        keyspace.touch(key, position)
        return true
    }

    // MARK: Lists

    private mutating func push(
        _ row: Bytes, _ side: ListSide, _ key: KeyReference, _ position: Position?
    ) -> Bool {
        if measure(row, .list) == nil { return false }
        if let position, position.entry.type != .list { return false }
        var rest = ElementRow(row)
        let stamp = keyspace.stamp(ofSlot: key.slot).rawValue
        while let element = rest.next() {
            // All of a row is one write.
            keyspace.setStamp(ofSlot: key.slot, to: stamp)
            let place = keyspace.find(key)
            element.withBytes { bytes in
                withValues(bytes) { _ = keyspace.push(key, place, $0, side, listLimits) }
            }
        }
        return true
    }

    private mutating func changeList(
        _ effect: Effect, _ key: KeyReference, _ position: Position?
    ) -> Bool {
        guard let position else { return true }
        if position.entry.type != .list { return false }
        let count = position.entry.listCount
        let stamp = keyspace.stamp(ofSlot: key.slot).rawValue
        switch effect {
        case .listSet(let index, let element):
            var row = ElementRow(element)
            guard measure(element, .list) != nil, index < count, let element = row.next() else {
                return false
            }
            element.withBytes { keyspace.setElement(key, position, Int(index), $0, listLimits) }
        case .listInsert(let index, let elements):
            if index > count || measure(elements, .list) == nil { return false }
            var row = ElementRow(elements)
            var place = Int(index)
            while let element = row.next() {
                element.withBytes { keyspace.insert($0, at: place, key, position, listLimits) }
                place += 1
            }
            // At an end it was a push, with a stamp of its own.
            keyspace.setStamp(ofSlot: key.slot, to: stamp)
        case .listRemove(let index, let removed):
            if index + removed > count { return false }
            if removed == count {
                keyspace.remove(key, position)
                return true
            }
            keyspace.removeElements(Int(removed), from: Int(index), key, position)
        case .listRemoveEqual(let number, let element):
            var row = ElementRow(element)
            guard measure(element, .list) != nil, let element = row.next() else { return false }
            let limit = number == 0 ? Int.max : Int(clamping: number.magnitude)
            element.withBytes { bytes in
                _ = keyspace.removeMatches(
                    of: bytes, from: number < 0 ? .right : .left, limit: limit, key, position)
            }
            if position.entry.listCount == 0 {
                keyspace.remove(key, position)
                return true
            }
        default: invariantFailed("the other effects change no list")
        }
        keyspace.touch(key, position)
        return true
    }
}

extension Keyspace {
    /// Removes all keys of a slot, whose stamp is `stamp` from then on.
    fileprivate mutating func flush(_ slot: UInt16, _ stamp: UInt64) {
        let table = unsafe tables + Int(slot)
        while let position = unsafe Self.firstPosition(in: table) {
            removeEntry(position, slot: slot)
        }
        collapse(slot)
        setStamp(ofSlot: slot, to: max(unsafe table.pointee.stamp, stamp))
    }

    /// Where some key of a table stands; nil where it has none.
    private static func firstPosition(in table: UnsafeMutablePointer<Table>) -> Position? {
        if unsafe table.pointee.count == 0 { return nil }
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                if let position = unsafe firstPosition(in: table.pointee.children + child) {
                    return position
                }
            }
            return nil
        }
        for place in 0..<(unsafe Int(table.pointee.bucketCount) * Table.bucketWords)
        where unsafe table.pointee.words[place] != 0 {
            return unsafe Position(word: table.pointee.words + place, table: table)
        }
        return nil
    }

    /// Removes a key that is replaced.
    fileprivate mutating func discard(_ key: KeyReference, _ position: Position) {
        removeEntry(position, slot: key.slot)
        collapse(key.slot)
    }

    /// Inserts an element so that it becomes number `index`.
    fileprivate mutating func insert(
        _ value: Bytes, at index: Int, _ key: KeyReference, _ position: Position,
        _ limits: ListLimits
    ) {
        let count = position.entry.listCount
        if index == 0 || index == count {
            withValues(value) {
                _ = push(key, position, $0, index == 0 ? .left : .right, limits)
            }
            return
        }
        let element = ListElement(value)
        if position.entry.form == .packedList {
            let run = ListRun(Pack(position.entry))
            let at = Pack.headerSize + run.offset(ofElement: index)
            if insertPacked(element, key, position, at: at) { return }
            unpackList(key, position, limits)
        }
        let list = position.entry.list
        let (chunk, offset) = list.place(ofElement: index)
        insert(element, chunk, at: offset, in: list, limits)
    }
}
