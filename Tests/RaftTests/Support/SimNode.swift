import Base
import Log

@testable import Raft

/// What the owner keeps: here, how many entries were applied and a chain over them.
struct SimState: Equatable {
    var index: UInt64 = 0
    var chain: UInt64 = 0

    mutating func apply(_ entry: Entry) {
        index = entry.id.index.rawValue
        var hash = chain &* 31 &+ entry.id.term.rawValue
        switch entry.payload {
        case .blank: hash &+= 1
        case .command(let bytes):
            hash = bytes.withBytes { view in
                var sum = hash
                for place in 0..<view.count { sum = sum &* 31 &+ UInt64(view[place]) }
                return sum
            }
        case .configuration(let members):
            for member in members.members { hash = hash &* 31 &+ UInt64(member.low) }
        }
        chain = hash
    }

    /// With more bytes than a message of the simulation takes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for word in [index, chain] {
            for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * place))) }
        }
        return bytes + [UInt8](repeating: 7, count: 300)
    }

    init() {}

    init(_ bytes: [UInt8]) {
        func word(_ start: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        }
        guard bytes.count >= 16 else { return }
        index = word(0)
        chain = word(8)
    }
}

/// A node with its disk, clock and state.
final class SimNode {
    let id: NodeBits
    /// Of a node that is down, what it was.
    var raft: RaftNode
    var isUp = true
    var disk: SimDisk
    var state = SimState()
    var hasDiskFailed = false
    /// The node's clock: so many milliseconds ahead, and so many of its for 1000 true ones.
    var clockOffset: Int64 = 0
    var clockRate: Int64 = 1000
    /// Neither ticks nor messages nor completions before then, in true milliseconds.
    var pausedUntil: Int64 = 0

    init(_ raft: consuming RaftNode, _ state: RecoveredState, random: SplitMix64) {
        id = raft.id
        self.raft = raft
        disk = SimDisk(id, state, random: random)
    }

    func clock(_ now: Int64) -> Int64 { clockOffset + now * clockRate / 1000 }

    /// Whether it is up and leads.
    var isLeader: Bool { isUp && raft.role == .leader }
}
