import Base
import Placement
import RDB

/// The per-request path of one core: bytes to requests, requests to the keyspace, replies to bytes.
///
/// Pure: time, randomness and the ring come in as values; replies leave through ``reply``, whose
/// buffer the owner exchanges for each connection's. One thread.
///
/// A pipeline is read and run as a batch, so that the cache lines of all its keys are on their way
/// before the first is touched (docs/internals/request-path.md).
package struct Engine: ~Copyable {
    package var keyspace: Keyspace
    package var reply = Reply()
    package var random: SplitMix64
    package var statistics = EngineStatistics()
    package var insight = CommandInsight()
    /// What is run has been let in already: what memory is left does not matter any more.
    package var isAdmitted = false
    /// Why commands that write are refused; nil where they are not.
    var writeRefusal: String?
    /// Those that read are refused as well.
    var refusesReads = false
    /// The limits that commands obey.
    package var limits = EngineLimits()
    /// Of a command that is to go on over several turns.
    package var postponed = PostponedCall()
    /// The work that a postponed command has been made; nil but for a moment.
    var begun: LongWork?
    /// What a sort that has just begun asks of other cores; nil but for a moment.
    var sortInquiry: SortInquiry?
    /// What the command that is run answers with has been answered in parts; false between
    /// commands.
    var oldIsAnswered = false
    /// Members on their way through a command, some at a time; empty between commands.
    var memberBatch = GrowableArray<WalkedMember>(capacity: 2 * WalkedMember.batchCount)
    /// Members of a large collection on their way into a reply; empty between commands.
    var members = GrowableArray<Entry>(capacity: 128)
    /// Where the elements of a pack begin, for drawing some; empty between commands.
    var places = GrowableArray<UInt16>(capacity: 128)
    package let commands = CommandIndex()
    package let slots = SlotHasher()
    /// Of payloads (DUMP, RESTORE).
    let crc = CRC64()
    package var routing: RoutingTable
    /// An element on its way from one list to another.
    var movedElement = OutputBuffer()
    /// What LPOS has found.
    var positions = GrowableArray<Int>(capacity: 8)
    /// What the blocking command that is run may do, and what it asks for.
    var blocking = BlockingCall()
    /// This core.
    package let core: CoreIndex

    /// - Parameters:
    ///   - seed: for this core's own randomness.
    ///   - hashSeed: for the keys' hashes; alike on all cores of a node, so that a hash travels
    ///     with its key.
    package init(core: CoreIndex, routing: consuming RoutingTable, seed: UInt64, hashSeed: UInt64) {
        self.core = core
        self.routing = routing
        keyspace = Keyspace(seed: hashSeed)
        random = SplitMix64(seed: seed)
    }

    /// The time of the current step, in milliseconds since 1970.
    @inline(__always)
    package var now: Int64 { keyspace.now }

    /// A key with its hash and slot.
    @inline(__always)
    package func reference(_ key: Bytes) -> KeyReference {
        let slot = unsafe slots.slot(of: key.buffer)
        return KeyReference(bytes: key, hash: keyspace.hash(of: key), slot: slot.rawValue)
    }
}

/// What commands must not exceed.
package struct EngineLimits {
    /// The longest string, in bytes (proto-max-bulk-len).
    package var stringLengthMax = 512 << 20
    /// A command that looks at more elements than this is done in parts, where it can be.
    package var atOnceMax = 4096
    /// The longest reply of a command that returns as much as its caller asks for, in bytes.
    package var replyLengthMax = 1 << 30
    /// How many fields a hash has in a pack, and how long a field or value may be in one
    /// (hash-max-listpack-entries, hash-max-listpack-value).
    package var hashPack = PackLimits(entries: 512, valueLength: 64)
    /// The same of a set's members (set-max-listpack-entries, set-max-listpack-value).
    package var setPack = PackLimits(entries: 128, valueLength: 64)
    /// The same of a sorted set's (zset-max-listpack-entries, zset-max-listpack-value).
    package var sortedSetPack = PackLimits(entries: 128, valueLength: 64)
    /// How many members a set of nothing but integers has in one block (set-max-intset-entries).
    package var integerSetEntriesMax = 512
    /// The size of a list's chunks: elements where positive, else −1…−5 for 4 to 64 KiB
    /// (list-max-listpack-size).
    package var listChunkSize = -2
    /// A HyperLogLog's string that would grow over this, in bytes, gets the dense form
    /// (hll-sparse-max-bytes).
    package var hyperLogLogSparseSizeMax = 3_000

    /// The version that DUMP's payloads name (dump-payload-version), 9…11.
    package var payloadVersion: UInt16 = 9

    package init() {}
}

/// Up to where a collection is held in one block.
package struct PackLimits: BitwiseCopyable {
    package var entries: Int
    /// In bytes.
    package var valueLength: Int

    package init(entries: Int, valueLength: Int) {
        self.entries = entries
        self.valueLength = valueLength
    }
}

/// What a core's engine counts.
package struct EngineStatistics: BitwiseCopyable {
    /// Requests read from connections.
    package var requests = 0
    /// Error replies.
    package var errors = 0

    package init() {}
}
