// Changing the integers of a small set where they lie in its entry.

import Base

extension Keyspace {
    /// Adds an integer that is not there; the caller has seen that there is room
    /// (``hasRoom(for:_:_:)``). No stamp is taken.
    mutating func insertInteger(_ value: Int64, _ position: Position, _ hash: UInt64) {
        let set = IntegerSet(position.entry)
        let width = IntegerSet.width(of: value)
        if _slowPath(width > set.width) {
            insertWideInteger(value, width, position, hash)
            return
        }
        let index = set.place(of: value)
        unsafe splice(position, hash, at: set.offset(index), removing: 0, inserting: set.width)
        IntegerSet(position.entry).store(value, at: index)
    }

    /// Widens all integers for one that needs it. It is below or above all others.
    private mutating func insertWideInteger(
        _ value: Int64, _ width: Int, _ position: Position, _ hash: UInt64
    ) {
        let old = IntegerSet(position.entry)
        let oldWidth = old.width
        let count = old.count
        let added = count * (width - oldWidth) + width
        unsafe splice(position, hash, at: old.byteCount, removing: 0, inserting: added)
        let set = IntegerSet(position.entry)
        set.widen(from: oldWidth, to: width, count: count, shift: value < 0 ? 1 : 0)
        set.store(value, at: value < 0 ? 0 : count)
    }

    /// Takes out integer number `index`.
    mutating func removeInteger(at index: Int, _ position: Position, _ hash: UInt64) {
        let set = IntegerSet(position.entry)
        unsafe splice(position, hash, at: set.offset(index), removing: set.width, inserting: 0)
    }

    /// Whether one more integer leaves the set within its limits.
    func hasRoom(for value: Int64, _ set: IntegerSet, _ limits: SetLimits) -> Bool {
        let count = set.count + 1
        let width = max(set.width, IntegerSet.width(of: value))
        return count <= limits.integersMax
            && IntegerSet.headerSize + count * width <= Pack.byteCountMax
    }
}
