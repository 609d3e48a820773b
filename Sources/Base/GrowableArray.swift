/// A growable array of plain values without reference counts, copy-on-write or bounds that move:
/// the tables that a core fills and empties every turn.
///
/// Elements are copied bit by bit, so `Element` must be trivial. Growth doubles and memory is kept
/// for the next turn.
@safe
public struct GrowableArray<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var filled: Int
    @usableFromInline var room: Int

    @inlinable public var count: Int { filled }
    @inlinable public var capacity: Int { room }

    /// An empty array with room for `capacity` elements, at least 1, before it grows.
    @inlinable
    public init(capacity: Int = 8) {
        invariant(capacity > 0, "a capacity is positive")
        unsafe base = .allocate(capacity: capacity)
        filled = 0
        room = capacity
    }

    @inlinable
    deinit {
        unsafe base.deallocate()
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always) get {
            invariant(UInt(bitPattern: index) < UInt(bitPattern: filled), "an index is inside")
            return unsafe base[index]
        }
        @inline(__always) set {
            invariant(UInt(bitPattern: index) < UInt(bitPattern: filled), "an index is inside")
            unsafe base[index] = newValue
        }
    }

    @inlinable @inline(__always)
    public mutating func append(_ element: Element) {
        if _slowPath(filled == room) { grow() }
        unsafe (base + filled).initialize(to: element)
        filled &+= 1
    }

    /// Makes room for `extra` more elements and returns where they go; ``advance(_:)`` then counts
    /// them in.
    @inlinable @inline(__always)
    public mutating func reserve(_ extra: Int) -> UnsafeMutablePointer<Element> {
        while _slowPath(room &- filled < extra) { grow() }
        return unsafe base + filled
    }

    /// Counts in `written` elements that were put where ``reserve(_:)`` said.
    @inlinable @inline(__always)
    public mutating func advance(_ written: Int) {
        filled &+= written
    }

    @inlinable
    public mutating func popLast() -> Element? {
        if count == 0 { return nil }
        filled &-= 1
        return unsafe base[count]
    }

    /// Removes the element at `index` by putting the last one in its place.
    @inlinable
    public mutating func swapRemove(at index: Int) {
        self[index] = self[count - 1]
        filled &-= 1
    }

    /// Removes the first `prefix` elements and keeps the order of the rest.
    @inlinable
    public mutating func removeFirst(_ prefix: Int) {
        invariant(prefix <= count, "no more is removed than there is")
        unsafe base.update(from: base + prefix, count: count - prefix)
        filled &-= prefix
    }

    @inlinable
    public mutating func removeLast(_ suffix: Int) {
        invariant(suffix <= count, "no more is removed than there is")
        filled &-= suffix
    }

    @inlinable
    public mutating func removeAll() {
        filled = 0
    }

    /// Where the elements lie. Valid until the next append.
    @inlinable
    public var start: UnsafeMutablePointer<Element> { unsafe base }

    @inline(never) @usableFromInline
    mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe larger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
        room *= 2
    }
}
