// How a node's requests to the disk become bytes of its file.
//
// Owned by whoever performs the node's effects; performs nothing itself. Requests are written in
// their order, one write each, and synced before the next is begun or together with it. A request
// with a snapshot becomes a new file.
//
// Invariants:
// 1. synced ≤ size of the file.
// 2. A mark claims `synced`, nothing else (docs/internals/raft.md, "On disk").

import Base
import Log

/// What is to be done in the node's folder.
public enum RaftFileStep: Equatable, Sendable {
    /// Write behind the file's end, at `offset`, and sync.
    case append(generation: UInt32, offset: UInt64, bytes: [UInt8])
    /// Write a new file as ``RaftFileName/fresh(_:)``, sync it, rename it to
    /// ``RaftFileName/final(_:)``, sync the folder; then delete the file of the generation before.
    case replace(generation: UInt32, bytes: [UInt8])
}

/// Names in the node's folder.
public enum RaftFileName {
    /// Of a file that was once whole.
    public static func final(_ generation: UInt32) -> String {
        let digits = String(generation)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".raft"
    }

    /// Of a file that is being written; a leftover when a node starts.
    public static func fresh(_ generation: UInt32) -> String { final(generation) + ".new" }
}

/// A node's file as it grows; see the essay above.
public struct RaftFileWriter: Sendable {
    private let node: NodeBits
    /// The number in the file's name.
    public private(set) var generation: UInt32
    private var salt: UInt64
    /// Bytes of the file, written or not.
    public private(set) var size: UInt64
    /// Bytes of the file that are known to be durable.
    public private(set) var synced: UInt64
    private var random: SplitMix64

    /// Begins a node's file: with what was recovered, or was founded. The first step is the whole
    /// file; the node starts when that is done.
    ///
    /// - Parameters:
    ///   - generation: one more than the highest there is, or 1.
    ///   - random: gives each file its salt, so it must not repeat.
    public static func begin(
        _ state: RecoveredState, node: NodeBits, generation: UInt32, random: SplitMix64
    ) -> (writer: RaftFileWriter, step: RaftFileStep) {
        var writer = RaftFileWriter(
            node: node, generation: generation - 1, salt: 0, size: 0, synced: 0, random: random)
        let step = writer.replace(
            state.snapshot, state.base, state.hardState, state.entries)
        return (writer, step)
    }

    private init(
        node: NodeBits, generation: UInt32, salt: UInt64, size: UInt64, synced: UInt64,
        random: SplitMix64
    ) {
        self.node = node
        self.generation = generation
        self.salt = salt
        self.size = size
        self.synced = synced
        self.random = random
    }

    /// What the next request makes of the file.
    public mutating func write(_ request: PersistRequest) -> RaftFileStep {
        if let snapshot = request.snapshot {
            return replace(snapshot, request.base, request.hardState, request.entries)
        }
        var records = RaftRecordWriter(salt: salt, start: size)
        records.mark(synced: synced)
        records.hardState(request.hardState)
        for entry in request.entries { records.entry(entry) }
        let bytes = records.finish()
        let step = RaftFileStep.append(
            generation: generation, offset: size, bytes: unsafe [UInt8](bytes.bytes.buffer))
        size += UInt64(bytes.count)
        return step
    }

    /// So many bytes of this generation are durable; of an older one they do not matter any more.
    public mutating func synced(upTo count: UInt64, generation: UInt32) {
        if generation != self.generation { return }
        invariant(count <= size, "what is durable was written")
        synced = max(synced, count)
    }

    private mutating func replace(
        _ snapshot: Snapshot, _ base: EntryID, _ hardState: HardState, _ entries: [Entry]
    ) -> RaftFileStep {
        generation += 1
        salt = random.next()
        let identity = FileIdentity(node: node, layout: 0, core: 0, cores: 0)
        let header = FileHeader(.consensus, identity, number: generation, salt: salt)
        // The first mark claims the whole first part, whose size is known when it is written: so
        // it is written twice.
        var bytes = first(snapshot, base, hardState, entries, claim: 0)
        bytes = first(
            snapshot, base, hardState, entries, claim: UInt64(FileHeader.size + bytes.count))
        var file = OutputBuffer()
        header.append(to: &file)
        file.append(bytes.bytes)
        size = UInt64(file.count)
        synced = size
        return .replace(generation: generation, bytes: unsafe [UInt8](file.bytes.buffer))
    }

    private func first(
        _ snapshot: Snapshot, _ base: EntryID, _ hardState: HardState, _ entries: [Entry],
        claim: UInt64
    ) -> OutputBuffer {
        var records = RaftRecordWriter(salt: salt, start: UInt64(FileHeader.size))
        records.mark(synced: claim)
        records.snapshot(snapshot, base: base)
        records.hardState(hardState)
        for entry in entries { records.entry(entry) }
        return records.finish()
    }

    /// Checks the invariants; see the essay.
    public func checkInvariants() {
        invariant(synced <= size, "nothing is synced that was not written")
        invariant(generation > 0, "a file has a generation")
    }
}
