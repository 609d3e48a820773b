// Lists at their keys: packed while they are small, an object from then on.

import Base
import Log

/// Values to be pushed, as a request has them.
@safe
struct ListValues: BitwiseCopyable {
    private let start: UnsafePointer<Bytes>
    let count: Int

    init(start: UnsafePointer<Bytes>, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> Bytes {
        invariant(UInt(bitPattern: index) < UInt(bitPattern: count), "a value is there")
        return unsafe start[index]
    }
}

extension Invocation {
    /// The arguments from number `first` on.
    @inline(__always)
    func values(from first: Int) -> ListValues {
        invariant(first <= count, "values are among the arguments")
        return unsafe ListValues(start: start + first, count: count - first)
    }

    /// The arguments of these numbers.
    func values(_ range: Range<Int>) -> ListValues {
        invariant(range.upperBound <= count, "values are among the arguments")
        return unsafe ListValues(start: start + range.lowerBound, count: range.count)
    }
}

/// Calls `body` with one value.
@inline(__always)
func withValues(_ value: Bytes, _ body: (ListValues) -> Void) {
    unsafe withUnsafePointer(to: value) { unsafe body(ListValues(start: $0, count: 1)) }
}

/// Calls `body` with a value as a list or a pack holds it: where its bytes are, and how many,
/// without a trailer.
func withEncoded<Result>(
    _ value: Bytes, _ body: (UnsafeRawPointer, Int) -> Result
) -> Result {
    let wanted = PackEncoding(value)
    return unsafe withUnsafeTemporaryAllocation(byteCount: wanted.size, alignment: 8) { room in
        let encoded = unsafe room.baseAddress.unsafelyUnwrapped
        unsafe wanted.write(to: encoded)
        return unsafe body(encoded, wanted.size)
    }
}

extension Keyspace {
    /// A list whose pack would be larger than this, in bytes, becomes an object: below, the memory
    /// that chunks would cost counts for more than moving a pack's bytes.
    static let packedListSizeMax = 1024

    /// Pushes values at one end, one after the other, onto the list at a key or a new one. Takes a
    /// stamp. Returns how many elements the list has now.
    mutating func push(
        _ key: KeyReference, _ position: Position?, _ values: ListValues, _ side: ListSide,
        _ limits: ListLimits
    ) -> Int {
        guard let position else { return insertList(key, values, side, limits) }
        if log.isOn { notePush(key, position, values, side) }
        if position.entry.form == .packedList {
            let room = Self.packedListSizeMax - position.entry.inlineLength
            if let size = packedSize(of: values, max: room) {
                pushPacked(position, key.hash, values, side, size)
                touch(key, position)
                return position.entry.listCount
            }
            unpackList(key, position, limits)
        }
        let list = position.entry.list
        for index in 0..<values.count {
            list.push(ListElement(values[index]), side, limits, &memory)
        }
        touch(key, position)
        return list.count
    }

    private mutating func notePush(
        _ key: KeyReference, _ position: Position, _ values: ListValues, _ side: ListSide
    ) {
        let kind: RecordKind = side == .left ? .listPushLeft : .listPushRight
        for index in 0..<values.count { note(kind, key, position, PackEncoding(values[index])) }
    }

    /// The bytes of the values in a pack, unless they are more than `max`.
    private func packedSize(of values: ListValues, max: Int) -> Int? {
        var size = 0
        for index in 0..<values.count {
            size += ListElement(values[index]).stride
            if size > max { return nil }
        }
        return size
    }

    private mutating func pushPacked(
        _ position: Position, _ hash: UInt64, _ values: ListValues, _ side: ListSide, _ size: Int
    ) {
        let offset = side == .left ? Pack.headerSize : position.entry.inlineLength
        let start = unsafe splice(position, hash, at: offset, removing: 0, inserting: size)
        unsafe Self.write(values, side, to: start + offset)
        Pack(position.entry).count += values.count
    }

    /// Writes values as they stand in a list once they were pushed one after the other.
    private static func write(
        _ values: ListValues, _ side: ListSide, to target: UnsafeMutableRawPointer
    ) {
        var place = unsafe target
        for number in 0..<values.count {
            let index = side == .left ? values.count - 1 - number : number
            let element = ListElement(values[index])
            unsafe element.write(to: place)
            unsafe place += element.stride
        }
    }

    private mutating func insertList(
        _ key: KeyReference, _ values: ListValues, _ side: ListSide, _ limits: ListLimits
    ) -> Int {
        if let size = packedSize(of: values, max: Self.packedListSizeMax - Pack.headerSize) {
            let packSize = Pack.headerSize + size
            unsafe withUnsafeTemporaryAllocation(byteCount: packSize, alignment: 8) { room in
                let start = unsafe room.baseAddress.unsafelyUnwrapped
                unsafe start.storeBytes(of: UInt16(values.count), as: UInt16.self)
                unsafe Self.write(values, side, to: start + Pack.headerSize)
                insert(
                    key, .packed(unsafe Bytes(start: start, count: packSize), .packedList), .clear)
            }
            return values.count
        }
        let list = ListObject(&memory)
        for index in 0..<values.count {
            list.push(ListElement(values[index]), side, limits, &memory)
        }
        insert(key, unsafe .object(list.pointer, .list), .clear)
        return list.count
    }

    /// Turns a packed list into an object. No stamp is taken.
    mutating func unpackList(_ key: KeyReference, _ position: Position, _ limits: ListLimits) {
        let list = ListObject(&memory)
        let pack = Pack(position.entry)
        if pack.count > 0 { list.append(ListRun(pack), &memory) }
        unsafe convert(key, position, to: .object(list.pointer, .list))
    }

    // MARK: Removal: the caller takes the stamp, and removes a list without elements

    /// Removes `count` elements, 1…, from number `index` on.
    mutating func removeElements(
        _ count: Int, from index: Int, _ key: KeyReference, _ position: Position
    ) {
        noteListRemove(key, position, index, count)
        if position.entry.form == .list {
            let list = position.entry.list
            if count == 1, index == 0 {
                list.pop(.left, &memory)
            } else if count == 1, index == list.count - 1 {
                list.pop(.right, &memory)
            } else {
                list.removeRange(index, count, &memory)
            }
            return
        }
        let run = ListRun(Pack(position.entry))
        let start = run.offset(ofElement: index)
        let end = count == 1 ? start + run.stride(at: start) : run.offset(ofElement: index + count)
        unsafe splice(
            position, key.hash, at: Pack.headerSize + start, removing: end - start, inserting: 0)
        Pack(position.entry).count -= count
    }

    /// Removes up to `limit` elements equal to `value`, looked for from one end; returns how many.
    mutating func removeMatches(
        of value: Bytes, from side: ListSide, limit: Int, _ key: KeyReference, _ position: Position
    ) -> Int {
        let removed = takeMatches(of: value, from: side, limit: limit, position, key.hash)
        if removed > 0 { noteMatchesRemoved(removed, of: value, from: side, key, position) }
        return removed
    }

    /// So many elements equal to `value` have been removed, counted from one end.
    mutating func noteMatchesRemoved(
        _ count: Int, of value: Bytes, from side: ListSide, _ key: KeyReference,
        _ position: Position
    ) {
        noteListRemoveEqual(key, position, side == .left ? count : -count, value)
    }

    private mutating func takeMatches(
        of value: Bytes, from side: ListSide, limit: Int, _ position: Position, _ hash: UInt64
    ) -> Int {
        unsafe withEncoded(value) { encoded, length in
            var left = limit
            if position.entry.form == .list {
                unsafe position.entry.list.removeMatches(
                    of: encoded, length, from: side, limit: &left, &memory)
                return limit - left
            }
            let run = ListRun(Pack(position.entry))
            let kept = unsafe run.removeMatches(of: encoded, length, from: side, limit: &left)
            let removed = limit - left
            if removed > 0 {
                let offset = side == .left ? Pack.headerSize + kept : Pack.headerSize
                unsafe splice(
                    position, hash, at: offset, removing: run.byteCount - kept, inserting: 0)
                Pack(position.entry).count -= removed
            }
            return removed
        }
    }

    /// As ``removeMatches(of:from:limit:_:_:)`` in a list that is an object, some chunks at a time.
    /// The caller has it logged at the end (``noteMatchesRemoved(_:of:from:_:_:)``).
    mutating func removeMatches(
        of encoded: UnsafeRawPointer, _ length: Int, from side: ListSide,
        _ chunk: inout ListChunk?, limit: inout Int, in list: ListObject, budget: inout Int
    ) {
        unsafe list.removeMatches(
            of: encoded, length, from: side, &chunk, limit: &limit, budget: &budget, &memory)
    }

    // MARK: In the middle

    /// Inserts an element into a chunk of a list that is an object. No stamp is taken.
    mutating func insert(
        _ element: ListElement, _ chunk: ListChunk, at offset: Int, in list: ListObject,
        _ limits: ListLimits
    ) {
        list.insert(element, chunk, at: offset, limits, &memory)
    }

    /// Puts a value in the place of element number `index`, 0..<count. No stamp is taken.
    mutating func setElement(
        _ key: KeyReference, _ position: Position, _ index: Int, _ value: Bytes,
        _ limits: ListLimits
    ) {
        noteListSet(key, position, index, value)
        let element = ListElement(value)
        if position.entry.form == .packedList {
            let run = ListRun(Pack(position.entry))
            let offset = run.offset(ofElement: index)
            let old = run.stride(at: offset)
            if position.entry.inlineLength - old + element.stride <= Self.packedListSizeMax {
                let place = Pack.headerSize + offset
                let start = unsafe splice(
                    position, key.hash, at: place, removing: old, inserting: element.stride)
                unsafe element.write(to: start + place)
                return
            }
            unpackList(key, position, limits)
        }
        let list = position.entry.list
        let (chunk, offset) = list.place(ofElement: index)
        list.replace(element, chunk, at: offset, limits, &memory)
    }

    /// Inserts a value beside the first element equal to `pivot`; false where there is none. No
    /// stamp is taken.
    ///
    /// - Parameter side: the side of the pivot.
    mutating func insertElement(
        _ value: Bytes, _ side: ListSide, of pivot: Bytes, _ key: KeyReference,
        _ position: Position, _ limits: ListLimits
    ) -> Bool {
        guard let (chunk, offset, stride) = findElement(pivot, position.entry) else { return false }
        let element = ListElement(value)
        let place = side == .left ? offset : offset + stride
        noteInsertion(value, key, position, chunk, at: place)
        if let chunk {
            position.entry.list.insert(
                element, chunk, at: chunk.start + place, limits, &memory)
            return true
        }
        if insertPacked(element, key, position, at: Pack.headerSize + place) { return true }
        unpackList(key, position, limits)
        guard let only = position.entry.list.first else {
            invariantFailed("a list that was unpacked has elements")
        }
        position.entry.list.insert(element, only, at: only.start + place, limits, &memory)
        return true
    }

    /// Inserts an element into a packed list at `offset`, counted from the value's first byte;
    /// false where the list would be too large then. No stamp is taken.
    mutating func insertPacked(
        _ element: ListElement, _ key: KeyReference, _ position: Position, at offset: Int
    ) -> Bool {
        let size = element.stride
        if position.entry.inlineLength + size > Self.packedListSizeMax { return false }
        let start = unsafe splice(position, key.hash, at: offset, removing: 0, inserting: size)
        unsafe element.write(to: start + offset)
        Pack(position.entry).count += 1
        return true
    }

    /// An element is about to be inserted at `place` in a chunk's run, or in a packed list's.
    mutating func noteInsertion(
        _ value: Bytes, _ key: KeyReference, _ position: Position, _ chunk: ListChunk?,
        at place: Int
    ) {
        if !log.isOn { return }
        let run = chunk.map { ListRun($0) } ?? ListRun(Pack(position.entry))
        var index = 0
        var offset = 0
        while offset < place {
            offset += run.stride(at: offset)
            index += 1
        }
        var before = chunk?.previous
        while let here = before {
            index += here.count
            before = here.previous
        }
        noteListInsert(key, position, index, value)
    }

    /// The first element equal to `value`: its chunk, where it begins in the run, and its stride.
    private func findElement(
        _ value: Bytes, _ entry: Entry
    ) -> (chunk: ListChunk?, offset: Int, stride: Int)? {
        unsafe withEncoded(value) { encoded, length in
            var walker = ListWalker(entry, towards: .right)
            var limit = Int.max
            guard let offset = unsafe walker.find(encoded, length, limit: &limit) else {
                return nil
            }
            return (walker.chunk, offset, length + ListElement.trailerSize(length))
        }
    }
}
