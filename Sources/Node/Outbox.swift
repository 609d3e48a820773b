import Base
import Log
import Placement

/// Which connection of a core: a place in its table and how often that place was reused.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    /// The place in the core's table.
    public let index: UInt32
    /// How often the place was reused, modulo 2²⁴.
    public let generation: UInt32

    /// The connection at a place, of a generation.
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// What a core wants done in the world. The shell performs effects in order, after the step that
/// wrote them.
public enum Effect: BitwiseCopyable {
    /// Send the bytes; they stay where they are until the shell reports
    /// ``Core/sendCompleted(_:result:)``.
    case send(ConnectionID, Bytes)
    /// Begin (again) to receive.
    case receive(ConnectionID)
    /// Stop receiving: the client sends more than is taken on.
    case stopReceiving(ConnectionID)
    /// Break the connection off, so that a send that the client does not read completes.
    case abort(ConnectionID)
    /// Close the socket. No effect of this connection follows; its place may have been taken by
    /// another one already, so the socket is named.
    case close(ConnectionID, descriptor: Int32)
    /// Put the parcel into the mailbox of another core.
    case mail(CoreIndex, ParcelReference)
    /// Take over an accepted socket.
    case adopt(descriptor: Int32, Listener)
    /// Have the memory touched in the background, then report ``Core/memoryPrepared()``. A shell
    /// may ignore it: the memory is then touched when it is used.
    case prepareMemory(MemoryRegion)
    /// Write the settings in force (``Core/settingsInForce``) to the settings file, then report
    /// ``Core/settingsRewritten(_:failure:)`` with this number.
    case rewriteSettings(UInt64)
    /// Write the bytes to a segment of the log, then report ``Core/logWritten(_:reason:)``; they
    /// stay where they are until then.
    case writeLog(LogWrite, Bytes)
    /// Sync the files of these segments, then report ``Core/logSynced(_:reason:)``.
    case syncLog(first: UInt32, last: UInt32)
    /// Create the log's segment of that number, then report ``Core/segmentCreated(salt:)`` or
    /// ``Core/segmentFailed(_:)``.
    case createSegment(UInt32)
    /// Create a file for a snapshot, under the name that it has while it grows, then report
    /// ``Core/snapshotCreated(salt:)``. Of this and the following, what cannot be done is reported
    /// by ``Core/snapshotFailed(_:)``.
    case createSnapshot
    /// Write the bytes to the snapshot's file, then report ``Core/snapshotWritten(_:reason:)``;
    /// they stay where they are until then.
    case writeSnapshot(UInt64, Bytes)
    /// Sync the file and give it its name, then report ``Core/snapshotClosed()``.
    case closeSnapshot
    /// Have the manifest say what ``Core/withSnapshotPlan(_:)`` does, then report
    /// ``Core/snapshotInstalled()``; what nothing names any more goes.
    case installSnapshot
    /// Delete what there is of the snapshot, unless a manifest names it.
    case dropSnapshot
    /// Have the C library give back what it does not need.
    case trimHeap
    /// End the process in an orderly way.
    case shutDown
}

/// Effects in the order in which they must be performed. Filled by a core's steps, emptied by its
/// shell.
public struct Outbox: ~Copyable {
    /// The effects, oldest first.
    public var effects: GrowableArray<Effect>

    /// No effects.
    public init() {
        effects = GrowableArray(capacity: 256)
    }

    @inline(__always)
    mutating func append(_ effect: Effect) {
        effects.append(effect)
    }
}

/// Which port a connection came in by. Each presents one self-consistent topology.
public enum Listener: UInt8, Sendable, BitwiseCopyable {
    /// Serves every key and looks like one server.
    case gateway
    /// For clients that know the cluster: the node is one endpoint.
    case node
    /// For clients that know the cluster: each core is an endpoint.
    case core
}
