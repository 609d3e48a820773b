// Mail between two cores: a queue of one sender and one receiver.
//
// The sender owns the tail, the receiver the head; each writes its own and reads the other's, on
// cache lines of their own. A slot is written before the tail that covers it is released, and read
// before the head that frees it is.
//
// Source: Lamport, "Specifying Concurrent Program Modules", 1983 (the queue needs no atomic
// read-modify-write).

import Base
import Node
import Synchronization

/// A bounded queue of parcels from one core to another.
@safe
package final class Mailbox: @unchecked Sendable {
    package static let capacity = 4096

    private let slots: UnsafeMutablePointer<ParcelReference?>
    private let tail: PaddedCounter
    private let head: PaddedCounter

    package init() {
        unsafe slots = .allocate(capacity: Self.capacity)
        unsafe slots.initialize(repeating: nil, count: Self.capacity)
        tail = PaddedCounter()
        head = PaddedCounter()
    }

    deinit {
        unsafe slots.deallocate()
    }

    /// Puts a parcel in; false when the box is full. The sender only.
    package func post(_ parcel: ParcelReference) -> Bool {
        let end = tail.value.load(ordering: .relaxed)
        if end &- head.value.load(ordering: .acquiring) == Self.capacity { return false }
        unsafe slots[end & (Self.capacity - 1)] = parcel
        tail.value.store(end &+ 1, ordering: .releasing)
        return true
    }

    /// Takes the oldest parcel out. The receiver only.
    package func take() -> ParcelReference? {
        let start = head.value.load(ordering: .relaxed)
        if start == tail.value.load(ordering: .acquiring) { return nil }
        let parcel = unsafe slots[start & (Self.capacity - 1)]
        head.value.store(start &+ 1, ordering: .releasing)
        return parcel
    }

    /// Whether there is mail. The receiver only.
    var isEmpty: Bool {
        head.value.load(ordering: .relaxed) == tail.value.load(ordering: .acquiring)
    }
}

/// A counter with a cache line to itself: an object of its own, which the allocator puts apart.
private final class PaddedCounter: Sendable {
    let value = Atomic<Int>(0)
    private let padding = InlineArray<15, Int>(repeating: 0)
}

/// What the other cores see of one.
final class CoreLink: Sendable {
    /// Set before the core sleeps in the kernel; whoever has mail for it then wakes it, and clears
    /// the flag.
    ///
    /// Both sides write first, then pass a sequentially consistent fence, then read: the core its
    /// mailboxes, the sender this flag. So at least one sees the other's write, and no mail is left
    /// to a sleeper (docs/internals/mailbox.md).
    let isAsleep = Atomic<Bool>(false)
    /// The core's ring, for those who wake it; −1 before it runs.
    let ringDescriptor = Atomic<Int32>(-1)
    /// Clients that the core serves or is about to.
    let connectionCount = Atomic<Int>(0)
    /// The core has answered everything and would end.
    let isDrained = Atomic<Bool>(false)
    /// Settings files that were written for clients of this core.
    let writtenSettings = Outcomes<SettingsOutcome>()
    /// Segments of its log that were created, or could not be.
    let storageOutcomes = Outcomes<StorageOutcome>()
    /// Mailboxes to this core, by sender.
    let inbound: [Mailbox]

    init(coreCount: Int) {
        inbound = (0..<coreCount).map { _ in Mailbox() }
    }
}

/// What all cores of a node share: nothing but mailboxes and flags.
final class Fabric: Sendable {
    let links: [CoreLink]
    /// The node ends: no new clients, answer what has come, close.
    let isEnding = Atomic<Bool>(false)
    /// All cores are set up.
    let isServing = Atomic<Bool>(false)
    /// All cores have read their data back.
    let hasLoaded = Atomic<Bool>(false)

    init(coreCount: Int) {
        links = (0..<coreCount).map { _ in CoreLink(coreCount: coreCount) }
    }

    /// Clients of the whole node.
    var connectionCount: Int {
        links.reduce(0) { $0 + $1.connectionCount.load(ordering: .relaxed) }
    }

    /// The core with the fewest clients.
    var leastLoadedCore: Int {
        var best = 0
        var fewest = Int.max
        for (index, link) in links.enumerated() {
            let count = link.connectionCount.load(ordering: .relaxed)
            if count < fewest {
                fewest = count
                best = index
            }
        }
        return best
    }

    var isDrained: Bool {
        links.allSatisfy { $0.isDrained.load(ordering: .acquiring) }
    }
}
