import Base
import Placement

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
    /// The limits that commands obey.
    package var limits = EngineLimits()
    package let commands = CommandIndex()
    package let slots = SlotHasher()
    package var routing: RoutingTable
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

    package init() {}
}

/// What a core's engine counts.
package struct EngineStatistics: BitwiseCopyable {
    /// Requests read from connections.
    package var requests = 0
    /// Error replies.
    package var errors = 0

    package init() {}
}
