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
    public init() {
        unsafe places = .allocate(capacity: 64)
        unsafe places.initialize(repeating: 0, count: 64)
        mask = 63
    }

    deinit {
        unsafe places.deallocate()
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
        unsafe places = .allocate(capacity: oldCount * 2)
        unsafe places.initialize(repeating: 0, count: oldCount * 2)
        mask = oldCount * 2 - 1
        for place in 0..<oldCount {
            let hash = unsafe old[place]
            if hash != 0 { unsafe places[find(hash)] = hash }
        }
        unsafe old.deallocate()
    }
}
