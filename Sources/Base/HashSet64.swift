import Glibc

/// A set of 64-bit hashes, open addressing with linear probing: no hashing of hashes, no allocation
/// while it stays below its capacity.
///
/// Its members are hashes already, so their low bits choose the place.
@safe
public struct HashSet64: ~Copyable {
    private var places: UnsafeMutablePointer<UInt64>
    private var mask: Int
    /// Zero marks an empty place, so the member zero is kept apart.
    private var hasZero = false
    /// How many members there are.
    public private(set) var count = 0

    /// The empty set.
    ///
    /// - Parameter capacity: how many members it gets without growing.
    public init(capacity: Int = 31) {
        var count = 64
        while count <= capacity * 2 { count *= 2 }
        // Fresh memory from the system is zero, and is not touched before it is used.
        guard let block = unsafe calloc(count, MemoryLayout<UInt64>.size) else {
            invariantFailed("out of memory for a set of hashes")
        }
        unsafe places = block.bindMemory(to: UInt64.self, capacity: count)
        mask = count - 1
    }

    deinit {
        unsafe free(places)
    }

    /// Whether `hash` is a member.
    public func contains(_ hash: UInt64) -> Bool {
        if hash == 0 { return hasZero }
        return unsafe places[find(hash)] == hash
    }

    /// Adds `hash`; false where it is a member already.
    public mutating func insert(_ hash: UInt64) -> Bool {
        if contains(hash) { return false }
        count += 1
        if hash == 0 {
            hasZero = true
            return true
        }
        if count * 2 > mask { grow() }
        unsafe places[find(hash)] = hash
        return true
    }

    /// Removes `hash`; false where it is no member.
    public mutating func remove(_ hash: UInt64) -> Bool {
        if !contains(hash) { return false }
        count -= 1
        if hash == 0 {
            hasZero = false
            return true
        }
        // What stands behind the gap moves up, so that no search ends too early.
        var gap = find(hash)
        var next = (gap + 1) & mask
        while unsafe places[next] != 0 {
            let home = unsafe Int(truncatingIfNeeded: places[next]) & mask
            if (next - home) & mask >= (next - gap) & mask {
                unsafe places[gap] = places[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        unsafe places[gap] = 0
        return true
    }

    /// The place of `hash`, or the empty one where it would go.
    private func find(_ hash: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = unsafe places[place]
            if found == hash || found == 0 { return place }
            place = (place + 1) & mask
        }
    }

    private mutating func grow() {
        let old = unsafe places
        let oldCount = mask + 1
        guard let block = unsafe calloc(oldCount * 2, MemoryLayout<UInt64>.size) else {
            invariantFailed("out of memory for a set of hashes")
        }
        unsafe places = block.bindMemory(to: UInt64.self, capacity: oldCount * 2)
        mask = oldCount * 2 - 1
        for place in 0..<oldCount {
            let hash = unsafe old[place]
            if hash != 0 { unsafe places[find(hash)] = hash }
        }
        unsafe free(old)
    }
}
