import Base
import Log

@testable import Raft

/// The folder of one node on a disk that keeps what was synced, and of the rest what it likes.
struct SimDisk {
    /// A step that is not synced, and the request that it is of.
    struct Pending {
        let request: PersistRequest
        let step: RaftFileStep
    }

    let node: NodeBits
    /// What is durable, by generation.
    private(set) var files: [UInt32: [UInt8]] = [:]
    private(set) var pending: [Pending] = []
    /// What the node would remember after a crash that takes all that is pending.
    private(set) var durable: RecoveredState
    private var writer: RaftFileWriter

    /// Of a node that is founded.
    init(_ node: NodeBits, _ state: RecoveredState, random: SplitMix64) {
        self.node = node
        durable = state
        let begun = RaftFileWriter.begin(state, node: node, generation: 1, random: random)
        writer = begun.writer
        Self.apply(begun.step, to: &files)
    }

    mutating func write(_ request: PersistRequest) {
        pending.append(Pending(request: request, step: writer.write(request)))
        writer.checkInvariants()
    }

    /// Syncs the oldest pending step; which request is durable with it.
    mutating func sync() -> PersistSequence? {
        guard let first = pending.first else { return nil }
        pending.removeFirst()
        Self.apply(first.step, to: &files)
        durable.apply(first.request)
        switch first.step {
        case .append(let generation, let offset, let bytes):
            writer.synced(upTo: offset + UInt64(bytes.count), generation: generation)
        case .replace(let generation, _):
            files = files.filter { $0.key == generation }
        }
        return first.request.sequence
    }

    static func apply(_ step: RaftFileStep, to files: inout [UInt32: [UInt8]]) {
        switch step {
        case .append(let generation, let offset, let bytes):
            var file = files[generation] ?? []
            let missing = Int(offset) + bytes.count - file.count
            if missing > 0 { file += [UInt8](repeating: 0, count: missing) }
            file.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
            files[generation] = file
        case .replace(let generation, let bytes): files[generation] = bytes
        }
    }

    // MARK: Crashes

    /// What a crash leaves of a write that was not synced.
    enum Fate: CaseIterable {
        case absent, whole, firstHalf, secondHalf, holeInside

        func parts(_ count: Int) -> [Range<Int>] {
            let middle = count / 2 & ~7
            switch self {
            case .absent: return []
            case .whole: return [0..<count]
            case .firstHalf: return [0..<middle]
            case .secondHalf: return [middle..<count]
            case .holeInside: return [0..<min(32, count), min(64, count)..<count]
            }
        }
    }

    /// The files after a crash in which each pending step has its fate. A new file is there whole
    /// or not at all, and nothing is written to it before it is there.
    func afterCrash(_ fates: [Fate]) -> [UInt32: [UInt8]] {
        var left = files
        for (item, fate) in zip(pending, fates) {
            switch item.step {
            case .replace:
                if fate != .whole { return left }
                Self.apply(item.step, to: &left)
            case .append(let generation, let offset, let bytes):
                for part in fate.parts(bytes.count) {
                    let step = RaftFileStep.append(
                        generation: generation, offset: offset + UInt64(part.lowerBound),
                        bytes: Array(bytes[part]))
                    Self.apply(step, to: &left)
                }
            }
        }
        return left
    }

    /// Reads the newest of these files.
    static func recover(
        _ files: [UInt32: [UInt8]], _ node: NodeBits
    ) throws -> (state: RecoveredState, generation: UInt32, isTorn: Bool) {
        let generation = files.keys.max() ?? 0
        return try withBytes(files[generation] ?? []) { bytes in
            let scan = try RaftFileScan(bytes, node: node, generation: generation)
            return (scan.state, generation, scan.isTorn)
        }
    }

    /// All states that a crash may leave: what is durable, and more of what is pending, record by
    /// record.
    var possibleStates: [RecoveredState] {
        var first = durable
        first.isFounding = false
        var states = [first]
        for item in pending {
            guard let before = states.last else { return states }
            if item.request.snapshot != nil {
                var next = before
                next.apply(item.request)
                states.append(next)
                continue
            }
            for count in 0...item.request.entries.count {
                var part = item.request
                part.entries = Array(part.entries.prefix(count))
                var next = before
                next.apply(part)
                states.append(next)
            }
        }
        return states
    }

    /// Crashes, recovers and begins a new file; what the node remembers, or what is wrong.
    mutating func crash(_ fates: [Fate], random: SplitMix64) -> Result<RecoveredState, SimFailure> {
        let left = afterCrash(fates)
        guard let found = try? Self.recover(left, node) else {
            return .failure(SimFailure("a crash was taken for damage"))
        }
        guard possibleStates.contains(found.state) else {
            return .failure(SimFailure("what was recovered is not what was written"))
        }
        let begun = RaftFileWriter.begin(
            found.state, node: node, generation: found.generation + 1, random: random)
        writer = begun.writer
        files = [:]
        Self.apply(begun.step, to: &files)
        pending = []
        durable = found.state
        return .success(found.state)
    }
}

/// What a checker found.
struct SimFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Calls `body` with a view of the array that lives as long as the call.
func withBytes<Result>(_ array: [UInt8], _ body: (Bytes) throws -> Result) rethrows -> Result {
    try unsafe array.withUnsafeBytes { try unsafe body(Bytes($0)) }
}

/// The id of node `number` of a test.
func node(_ number: Int) -> NodeBits {
    NodeBits(high: 0, middle: 0, low: UInt32(number))
}

/// The number of a test's node.
func number(_ node: NodeBits) -> Int { Int(node.low) }
