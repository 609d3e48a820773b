import Base

/// A walk through a list of either form, from an element towards one end. The next write to the
/// keyspace ends it.
@safe
struct ListWalker {
    private var run: ListRun
    /// The chunk of ``run``; nil in a packed list.
    private(set) var chunk: ListChunk?
    private let side: ListSide
    /// Where the element that comes next begins, walking right; where it ends, walking left.
    private var offset: Int

    /// A walk that begins with element number `index`, 0..<count.
    init(_ entry: Entry, from index: Int, towards side: ListSide) {
        var place = index
        if entry.form == .packedList {
            run = ListRun(Pack(entry))
            chunk = nil
        } else {
            let located = entry.list.locate(index)
            run = ListRun(located.chunk)
            chunk = located.chunk
            place = located.index
        }
        self.side = side
        offset = run.offset(ofElement: side == .right ? place : place + 1)
    }

    /// A walk over all elements, beginning at the end that `side` is not.
    init(_ entry: Entry, towards side: ListSide) {
        self.init(entry, from: side == .right ? 0 : entry.listCount - 1, towards: side)
    }

    /// The next element's run and where it begins there.
    @inline(__always)
    private mutating func step() -> Int? {
        if side == .right {
            if offset == run.byteCount, !enter(chunk?.next) { return nil }
            defer { offset &+= run.stride(at: offset) }
            return offset
        }
        if offset == 0, !enter(chunk?.previous) { return nil }
        offset &-= unsafe ListElement.stride(before: run.start + offset)
        return offset
    }

    private mutating func enter(_ next: ListChunk?) -> Bool {
        guard let next else { return false }
        chunk = next
        run = ListRun(next)
        offset = side == .right ? 0 : run.byteCount
        return true
    }

    /// The next element; nil behind the last.
    @inline(__always)
    mutating func next() -> PackElement? {
        guard let place = step() else { return nil }
        return run.element(at: place)
    }

    /// Walks on until the encoded element is met.
    ///
    /// - Parameter limit: lowered by each element that is looked at; the walk ends at 0.
    /// - Returns: where in its run the element begins; nil when none was found.
    mutating func find(
        _ wanted: UnsafeRawPointer, _ length: Int, limit: inout Int
    ) -> Int? {
        while limit > 0, let place = step() {
            limit &-= 1
            if unsafe run.holds(wanted, length, at: place) { return place }
        }
        return nil
    }

    // MARK: Replies

    /// Appends `count` elements, which are there, as bulk strings.
    mutating func append(_ count: Int, to reply: inout Reply) {
        var left = count
        while left > 0 {
            if side == .left {
                guard let element = next() else { break }
                reply.bulk(element)
                left &-= 1
                continue
            }
            if offset == run.byteCount, !enter(chunk?.next) { break }
            left &-= appendRun(left, &reply)
        }
        invariant(left == 0, "as many elements are answered as the reply says")
    }

    /// Appends up to `count` elements of the run from ``offset`` on; returns how many.
    private mutating func appendRun(_ count: Int, _ reply: inout Reply) -> Int {
        var appended = 0
        while appended < count, offset < run.byteCount {
            reply.bulk(run.element(at: offset))
            offset &+= run.stride(at: offset)
            appended &+= 1
        }
        return appended
    }
}

extension Entry {
    /// The list of the form ``Form/list``.
    @inline(__always)
    var list: ListObject { unsafe ListObject(object) }

    /// How many elements a list of either form has.
    @inline(__always)
    var listCount: Int {
        form == .packedList ? Pack(self).count : list.count
    }

    /// The element at one end of a list of either form, which has one.
    @inline(__always)
    func edgeElement(_ side: ListSide) -> PackElement {
        let run: ListRun
        if form == .packedList {
            run = ListRun(Pack(self))
        } else {
            guard let chunk = list.edge(side) else {
                invariantFailed("a list at a key has elements")
            }
            run = ListRun(chunk)
        }
        if side == .left { return run.element(at: 0) }
        let stride = unsafe ListElement.stride(before: run.start + run.byteCount)
        return run.element(at: run.byteCount &- stride)
    }
}
