// Making room: which keys go when memory is short.
//
// A hand goes round over the slots. Where room is wanted it collects the keys of the next slots, at
// least 64 of them, and the coldest sixteenth of these goes (under the LFU policies the coldest
// eighth): a sample so large comes close to the coldest of all keys, and the slots' tables, being
// small, bring it at a few cache lines a key.
// Keys are in the slots by their hashes, so any run of slots is a fair sample.
//
// What is cold depends on the policy: not used for long, seldom used, expiring soon, or by lot.

import Base
import Placement

/// What may go when memory is short: maxmemory-policy.
package enum EvictionPolicy: String, Sendable, CaseIterable {
    case none = "noeviction"
    case allLRU = "allkeys-lru"
    case allLFU = "allkeys-lfu"
    case allRandom = "allkeys-random"
    case volatileLRU = "volatile-lru"
    case volatileLFU = "volatile-lfu"
    case volatileRandom = "volatile-random"
    case volatileTTL = "volatile-ttl"

    /// What makes a key cold.
    enum Order: BitwiseCopyable {
        case idle
        case seldom
        case soon
        case lot
    }

    var order: Order {
        switch self {
        case .none, .allLRU, .volatileLRU: .idle
        case .allLFU, .volatileLFU: .seldom
        case .volatileTTL: .soon
        case .allRandom, .volatileRandom: .lot
        }
    }

    /// Only keys with a deadline go.
    var isVolatile: Bool {
        switch self {
        case .volatileLRU, .volatileLFU, .volatileRandom, .volatileTTL: true
        case .none, .allLRU, .allLFU, .allRandom: false
        }
    }
}

/// A key that might go.
struct EvictionCandidate: BitwiseCopyable {
    var entry: Entry
    var slot: UInt16
    /// The higher, the sooner it goes.
    var coldness: UInt8 = 0
}

/// The limit of a keyspace's memory and what happens at it.
package struct Eviction: ~Copyable {
    /// What the keyspace may take, in bytes.
    package var bytesMax = Int.max { didSet { if !refusesWrites { askedOver = bytesMax } } }
    /// Nothing may be written: commands ask before they run.
    package var refusesWrites = false { didSet { askedOver = refusesWrites ? -1 : bytesMax } }
    /// Where the keyspace takes more, in bytes, commands ask before they run.
    fileprivate var askedOver = Int.max
    package private(set) var policy = EvictionPolicy.none
    /// The access byte is a counter of uses.
    private(set) var countsUses = false
    var useCounter = UseCounter()
    /// The slot that the hand looks at next.
    var hand = 0
    var candidates = GrowableArray<EvictionCandidate>(capacity: 256)
    /// Keys that went since the access clock's last tick.
    var evictedInTick = 0

    static let sampleCountMin = 64
    /// One of so many of a sample goes. Of the seldom used ones more go at a time: most of these
    /// have counters alike, and new keys are left alone for longer. Zipf 0.9, 400,000 keys and room
    /// for 240,000: 0.906 of requests hit with a sixteenth, 0.910 with an eighth.
    var evictedShare: Int { countsUses ? 8 : 16 }
    /// Of 256 seldom used keys that the hand passes so many count one use less. It passes a key
    /// eight times while as many keys go as there are, so counters fall by one while four times as
    /// many go.
    static let decayLot: UInt8 = 8
    /// A tick of the access clock is over when one of so many keys has gone.
    static let ticksPerTurnover = 64

    package mutating func select(_ policy: EvictionPolicy) {
        self.policy = policy
        countsUses = policy.order == .seldom
    }

    /// lfu-log-factor
    package mutating func setLogFactor(_ factor: Int) {
        useCounter.logFactor = factor
    }
}

extension Keyspace {
    /// Whether the keyspace takes more than it may.
    @inline(__always)
    var isOverLimit: Bool { memory.usedBytes &+ longBytes > eviction.bytesMax }

    /// Whether a command must ask before it runs: memory is short, or nothing may be written.
    @inline(__always)
    var mustAsk: Bool { memory.usedBytes &+ longBytes > eviction.askedOver }

    /// Sets what the keyspace may take, in bytes, in blocks and (a little more) in resident memory.
    package mutating func setMemoryLimit(_ bytes: Int) {
        eviction.bytesMax = bytes
        memory.residentMax = bytes == .max ? .max : bytes + bytes / Self.slackShare
    }

    /// One part in so many of the limit is what holes in pages may take besides.
    private static var slackShare: Int { 20 }

    /// Bytes of the keyspace that are in memory, holes and free pages included.
    package var residentBytes: Int { memory.residentBytes }

    /// Removes keys until the memory is below its limit; false where that cannot be done.
    @inline(never)
    mutating func makeRoom() -> Bool {
        if eviction.policy == .none { return false }
        // Of a collection that has gone, the memory comes back here and not later.
        while isOverLimit {
            if hasRemains {
                reclaim(budget: 4096)
            } else if !evictSome() {
                return false
            }
        }
        return true
    }

    /// Removes the coldest of some keys; false when no key may go.
    private mutating func evictSome() -> Bool {
        if (eviction.policy.isVolatile ? volatileCount : count) == 0 { return false }
        collectCandidates()
        let count = eviction.candidates.count
        if count == 0 { return false }
        rateCandidates()
        evictColdest((count + eviction.evictedShare - 1) / eviction.evictedShare)
        return true
    }

    private mutating func collectCandidates() {
        var found = GrowableArray<EvictionCandidate>(capacity: 1)
        swap(&found, &eviction.candidates)
        found.removeAll()
        let isVolatile = eviction.policy.isVolatile
        for _ in 0..<SlotIndex.count {
            let slot = UInt16(eviction.hand)
            eviction.hand = (eviction.hand + 1) & (SlotIndex.count - 1)
            let table = unsafe tables + Int(slot)
            let hasSome = unsafe table.pointee.count > 0
            if unsafe hasSome && (!isVolatile || table.pointee.earliest != Table.never) {
                var left = Int.max
                unsafe visitAll(table, &left) { entry in
                    if isVolatile && entry.deadline == nil || entry.isPinned || isDue(entry) {
                        return
                    }
                    found.append(EvictionCandidate(entry: entry, slot: slot))
                }
                if found.count >= Eviction.sampleCountMin { break }
            }
        }
        swap(&found, &eviction.candidates)
    }

    /// Says of each candidate how cold it is.
    private mutating func rateCandidates() {
        let order = eviction.policy.order
        if order == .soon {
            rateByDeadline()
            return
        }
        for index in 0..<eviction.candidates.count {
            var candidate = eviction.candidates[index]
            switch order {
            case .idle: candidate.coldness = accessClock.age(of: candidate.entry.access)
            case .seldom:
                candidate.coldness = .max - candidate.entry.access
                if eviction.useCounter.lot() < Eviction.decayLot, candidate.entry.access > 0 {
                    candidate.entry.access -= 1
                }
            case .lot, .soon: candidate.coldness = eviction.useCounter.lot()
            }
            eviction.candidates[index] = candidate
        }
    }

    private mutating func rateByDeadline() {
        var earliest = Int64.max
        var latest = Int64.min
        for index in 0..<eviction.candidates.count {
            guard let deadline = eviction.candidates[index].entry.deadline else { continue }
            earliest = min(earliest, deadline)
            latest = max(latest, deadline)
        }
        let span = Double(latest) - Double(earliest) + 1
        for index in 0..<eviction.candidates.count {
            var candidate = eviction.candidates[index]
            let deadline = candidate.entry.deadline ?? latest
            candidate.coldness = UInt8((Double(latest) - Double(deadline)) / span * 255)
            eviction.candidates[index] = candidate
        }
    }

    /// Removes the `wanted` coldest candidates.
    private mutating func evictColdest(_ wanted: Int) {
        var counts = InlineArray<256, Int>(repeating: 0)
        for index in 0..<eviction.candidates.count {
            counts[Int(eviction.candidates[index].coldness)] += 1
        }
        var bound = 255
        var atBound = wanted
        while counts[bound] < atBound {
            atBound -= counts[bound]
            bound -= 1
        }
        for index in 0..<eviction.candidates.count {
            let candidate = eviction.candidates[index]
            if candidate.coldness < bound { continue }
            if candidate.coldness == bound {
                if atBound == 0 { continue }
                atBound -= 1
            }
            evict(candidate)
        }
    }

    private mutating func evict(_ candidate: EvictionCandidate) {
        let bytes = candidate.entry.key
        let key = KeyReference(bytes: bytes, hash: hash(of: bytes), slot: candidate.slot)
        guard let position = find(key) else { invariantFailed("a candidate is there") }
        events.note(.evicted, "evicted", bytes)
        remove(key, position)
        statistics.evicted += 1
        eviction.evictedInTick += 1
        if eviction.evictedInTick > count / Eviction.ticksPerTurnover {
            eviction.evictedInTick = 0
            accessClock.advance(now: now)
        }
    }
}

extension UseCounter {
    /// A number drawn evenly.
    mutating func lot() -> UInt8 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}
