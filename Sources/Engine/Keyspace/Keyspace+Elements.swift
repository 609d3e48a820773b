// Large collections as a row of elements, each encoded as in a pack: how they travel.
//
// A hash is fields and values in turn, a set its members, a sorted set members and scores in turn,
// a list its elements from the left, each with its trailer.

import Base

extension Keyspace {
    /// Appends a collection's elements.
    mutating func appendElements(
        of form: Entry.Form, _ object: UnsafeMutableRawPointer, to output: inout OutputBuffer
    ) {
        switch form {
        case .hash, .set:
            let root = unsafe object.assumingMemoryBound(to: Table.self)
            unsafe forEachMember(of: root) { member in
                output.append(PackEncoding(member.key))
                if form == .hash { output.append(PackEncoding(member.value)) }
            }
        case .list:
            var chunk = unsafe ListObject(object).first
            while let here = chunk {
                let run = ListRun(here)
                output.append(unsafe Bytes(start: run.start, count: run.byteCount))
                chunk = here.next
            }
        case .sortedSet: appendElements(of: unsafe SortedSetObject(object), to: &output)
        default: invariantFailed("only collections have objects")
        }
    }

    /// Makes an object of elements that ``appendElements(of:_:to:)`` wrote.
    mutating func makeObject(_ form: Entry.Form, from elements: Bytes) -> UnsafeMutableRawPointer {
        switch form {
        case .hash, .set:
            let root = unsafe makeMembers()
            unsafe insertMembers(elements, hasValues: form == .hash, in: root)
            return UnsafeMutableRawPointer(root)
        case .list: return unsafe makeList(from: elements)
        case .sortedSet:
            let set = makeSortedSet(from: elements)
            return unsafe set.pointer
        default: invariantFailed("only collections have objects")
        }
    }

    private mutating func makeList(from elements: Bytes) -> UnsafeMutableRawPointer {
        let list = ListObject(&memory)
        append(elements: elements, to: list)
        return unsafe list.pointer
    }

    /// Appends elements with their trailers to a list, in chunks of the usual size.
    mutating func append(elements: Bytes, to list: ListObject) {
        let chunkSizeMax = SlabAllocator.blockSizeMax - ListChunk.headerSize
        var start = 0
        var end = 0
        var count = 0
        while start < elements.count {
            let isAtEnd = end == elements.count
            let stride = isAtEnd ? 0 : unsafe ListElement.stride(at: elements.start + end)
            if count > 0, isAtEnd || end + stride - start > chunkSizeMax {
                list.append(ListRun(elements.slice(start, end), count: count), &memory)
                start = end
                count = 0
                continue
            }
            end += stride
            count += 1
        }
    }

    /// Adds members, of a hash each followed by its value, that are not there.
    mutating func insertMembers(
        _ elements: Bytes, hasValues: Bool, in root: UnsafeMutablePointer<Table>
    ) {
        var rest = ElementRow(elements)
        while let member = rest.next() {
            var value = NewValue.bytes(Bytes())
            if hasValues {
                guard let element = rest.next() else {
                    invariantFailed("a field is followed by its value")
                }
                value = NewValue(element)
            }
            member.withBytes { bytes in
                _ = unsafe insertMember(bytes, value, in: root)
            }
        }
    }
}

/// Elements encoded one behind the other, read in order.
struct ElementRow {
    private let bytes: Bytes
    private var offset = 0

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    /// How many elements a whole row has.
    static func count(_ row: Bytes) -> Int {
        var rest = ElementRow(row)
        var count = 0
        while rest.next() != nil { count += 1 }
        return count
    }

    /// Nothing is left.
    var isAtEnd: Bool { offset == bytes.count }

    /// Whether a whole element comes next, as far as its length tells: to be asked where the bytes
    /// come from a file.
    var isWhole: Bool {
        let left = bytes.count - offset
        if left <= 0 { return false }
        return unsafe PackEncoding.isWhole(at: bytes.start + offset, within: left)
    }

    mutating func next() -> PackElement? {
        if offset >= bytes.count { return nil }
        let here = unsafe bytes.start + offset
        offset += unsafe PackEncoding.size(at: here)
        invariant(offset <= bytes.count, "an element of a row is inside of it")
        return unsafe PackEncoding.read(at: here)
    }
}

extension OutputBuffer {
    /// Appends an element as a pack holds it.
    mutating func append(_ element: PackEncoding) {
        unsafe element.write(to: reserve(element.size))
        advance(element.size)
    }
}

extension PackEncoding {
    /// Of a hash's value.
    init(_ value: StringValue) {
        switch value {
        case .integer(let integer): self.init(integer)
        case .bytes(let bytes): self.init(bytes)
        }
    }
}

extension NewValue {
    /// What a pack held, as a string of its own. Scores are no strings.
    init(_ element: PackElement) {
        switch element {
        case .integer(let integer): self = .integer(integer)
        case .bytes(let bytes): self = .bytes(bytes)
        case .double: invariantFailed("a score is not read as bytes")
        }
    }
}
