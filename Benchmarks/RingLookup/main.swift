/// Measures the two steps from a key to its owner: the slot of a 16-byte key, and the ring look-up
/// at several cluster sizes. Prints nanoseconds per call, the best of several rounds.
///
/// `swift run -c release ring-lookup`

import Base
import Placement

let rounds = 9

/// The least time of one of `calls` calls, in nanoseconds, over ``rounds`` runs of `body`.
func nanosecondsPerCall(calls: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<rounds {
        let elapsed = clock.measure(body)
        best = min(best, elapsed / .nanoseconds(1) / Double(calls))
    }
    return best
}

/// `value` with two decimals.
func text(_ value: Double) -> String {
    let hundredths = Int(value * 100 + 0.5)
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

func measureHashing() {
    let keyBytes = 16
    let keyCount = 4_096
    var generator = SplitMix64(seed: 1)
    var keys = (0..<keyCount * keyBytes).map { _ in UInt8.random(in: 97...122, using: &generator) }
    keys.append(0)
    let hasher = SlotHasher()
    var sum = 0
    unsafe keys.withUnsafeBytes { bytes in
        let start = bytes.baseAddress!
        let independent = nanosecondsPerCall(calls: 64 * keyCount) {
            for _ in 0..<64 {
                for index in 0..<keyCount {
                    let key = unsafe UnsafeRawBufferPointer(
                        start: start + index * keyBytes, count: keyBytes)
                    sum &+= Int(unsafe hasher.slot(of: key).rawValue)
                }
            }
        }
        print("slot of a 16-byte key, independent calls: \(text(independent)) ns")
        var offset = 0
        let dependent = nanosecondsPerCall(calls: 64 * keyCount) {
            for _ in 0..<64 * keyCount {
                let key = unsafe UnsafeRawBufferPointer(start: start + offset, count: keyBytes)
                offset = Int(unsafe hasher.slot(of: key).rawValue) &* 4 & (keyCount * keyBytes - 16)
            }
        }
        sum &+= offset
        print("slot of a 16-byte key, each depending on the last: \(text(dependent)) ns")
    }
    if sum < 0 { print("overflow") }
}

func measureLookup(nodeCount: Int, tokensPerNode: Int) {
    let table = makeTable(nodeCount: nodeCount, tokensPerNode: tokensPerNode)
    var generator = SplitMix64(seed: 2)
    let slots = (0..<8_192).map { _ in
        SlotIndex(UInt16.random(in: 0..<UInt16(SlotIndex.count), using: &generator))
    }
    var sum = 0
    let independent = nanosecondsPerCall(calls: 32 * slots.count) {
        for _ in 0..<32 {
            for index in slots.indices {
                sum &+= Int(table.owner(of: slots[index]).node.rawValue)
            }
        }
    }
    let dependent = nanosecondsPerCall(calls: 32 * slots.count) {
        for _ in 0..<32 {
            for index in slots.indices {
                let slot = slots[index].rawValue ^ UInt16(truncatingIfNeeded: sum & 1)
                sum &+= Int(table.owner(of: SlotIndex(slot)).node.rawValue)
            }
        }
    }
    if sum < 0 { print("overflow") }
    print(
        "owner, \(nodeCount) nodes x \(tokensPerNode) tokens (\(table.arcCount) arcs): independent",
        "\(text(independent)) ns, each depending on the last \(text(dependent)) ns")
}

/// Tokens drawn at random: the search does not depend on how well they are placed.
func makeTable(nodeCount: Int, tokensPerNode: Int) -> RoutingTable {
    var generator = SplitMix64(seed: 3)
    let members = (0..<nodeCount).map { _ in
        RingMember(id: NodeID(using: &generator), coreCount: 1)
    }.sorted { $0.id < $1.id }
    let slots = (0..<UInt16(SlotIndex.count)).shuffled(using: &generator)
    let tokens = (0..<nodeCount * tokensPerNode).map { index in
        Token(
            slot: SlotIndex(slots[index]), node: NodeIndex(UInt16(index % nodeCount)),
            core: CoreIndex(0))
    }.sorted { $0.slot < $1.slot }
    let ring = Ring(epoch: .first, members: members, tokens: tokens)
    return RoutingTable(ring: ring, localNode: members[0].id)
}

measureHashing()
measureLookup(nodeCount: 1, tokensPerNode: 32)
measureLookup(nodeCount: 3, tokensPerNode: 32)
measureLookup(nodeCount: 100, tokensPerNode: 32)
measureLookup(nodeCount: 1_000, tokensPerNode: 16)
