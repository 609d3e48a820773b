import Base
import Log
import Node
import Placement

/// One core's logic without a kernel: requests go in as bytes, replies are counted and dropped.
///
/// What a turn of the io_uring loop does around the core is done here in its simplest form: every
/// send completes at once and whole. Nothing reads a clock or draws a random number, so a run
/// repeats exactly.
public struct PureCore: ~Copyable {
    private var core: Core
    private var connections: GrowableArray<ConnectionID>
    private var unprepared: MemoryRegion?
    /// Sends of the last turn have completed, which brings a turn.
    private var hasSent = false
    /// Bytes of all replies so far.
    public private(set) var replyBytes = 0
    /// Snapshots that were written to their ends, and bytes of all.
    public private(set) var snapshotCount = 0
    public private(set) var snapshotBytes = 0

    /// Replies, while they are kept.
    private var kept = OutputBuffer()
    private var keepsReplies = false

    /// A core that owns every slot, with `connectionCount` clients on the gateway port.
    public init(connectionCount: Int) {
        core = Core(
            index: CoreIndex(0), coreCount: 1, identity: .nobody,
            configuration: NodeConfiguration(), routing: RoutingTable(singleNodeWithCores: 1),
            seed: 1, hashSeed: 2, stopwatch: Stopwatch { 0 })
        core.setTime(Self.now)
        connections = GrowableArray(capacity: max(connectionCount, 1))
        for number in 0..<connectionCount {
            connections.append(
                core.accepted(
                    AcceptedConnection(
                        descriptor: Int32(number), listener: .gateway, address: "?:0",
                        localAddress: "?:0", nodeConnectionCount: number + 1)))
        }
        endTurn()
    }

    /// Hands the core what the client at `place` has sent.
    public mutating func receive(_ bytes: Bytes, at place: Int) {
        core.received(connections[place], bytes)
    }

    /// Ends the turn and completes its sends.
    public mutating func endTurn() {
        core.endTurn()
        hasSent = false
        var place = 0
        // Completing one may ask for others.
        while place < core.outbox.effects.count {
            perform(core.outbox.effects[place])
            place &+= 1
        }
        core.outbox.effects.removeAll()
    }

    @inline(__always)
    private mutating func perform(_ effect: Node.Effect) {
        switch effect {
        case .send(let id, let bytes):
            replyBytes &+= bytes.count
            if keepsReplies { kept.append(bytes) }
            core.sendCompleted(id, result: bytes.count)
            hasSent = true
        case .prepareMemory(let region): unprepared = region
        default: store(effect)
        }
    }

    /// Has the core log from now on, to a disk that takes everything at once and keeps nothing.
    public mutating func startLog() {
        core.startLog(LogStart(segment: 1, salt: 1, firstTransaction: 1))
        endTurn()
    }

    private mutating func store(_ effect: Node.Effect) {
        switch effect {
        case .writeLog(let write, _): core.logWritten(write.count)
        case .syncLog: core.logSynced(true)
        case .createSegment(let number): core.segmentCreated(salt: UInt64(number))
        case .createSnapshot: core.snapshotCreated(salt: 1)
        case .writeSnapshot(_, let bytes):
            snapshotBytes += bytes.count
            core.snapshotWritten(bytes.count)
        case .closeSnapshot: core.snapshotClosed()
        case .installSnapshot:
            snapshotCount += 1
            core.snapshotInstalled()
        default: break
        }
    }

    /// Runs requests of the first client to their end.
    public mutating func run(_ requests: Bytes) {
        receive(requests, at: 0)
        endTurn()
        prepareMemory()
        while wantsTick {
            tick()
            prepareMemory()
        }
    }

    /// As ``run(_:)``; returns all that was replied.
    public mutating func replies(to requests: Bytes) -> OutputBuffer {
        keepsReplies = true
        run(requests)
        keepsReplies = false
        return kept.take()
    }

    /// Whether there is a turn to take, without anything having come: the core wants one, or it has
    /// sent what a command that rests has waited for.
    public var wantsTick: Bool {
        if hasSent, core.isWorking { return true }
        return core.nextTick.map { $0 <= Self.now } ?? false
    }

    /// A turn in which nothing comes.
    public mutating func tick() {
        core.tick()
        endTurn()
    }

    /// Milliseconds since 1970: the time stands still.
    private static var now: Int64 { 1_700_000_000_000 }

    /// Touches the memory that the core has asked for, as the kernel does in a thread of its own.
    public mutating func prepareMemory() {
        guard let region = unprepared else { return }
        unprepared = nil
        unsafe region.buffer.initializeMemory(as: UInt8.self, repeating: 0)
        core.memoryPrepared()
    }
}

extension NodeIdentity {
    /// A node that nobody asks for its name.
    static var nobody: NodeIdentity {
        NodeIdentity(
            id: String(repeating: "0", count: 40), runID: String(repeating: "0", count: 40),
            host: "127.0.0.1", gatewayPort: 0, nodePort: 0, corePort: nil, processID: 0,
            executable: "", configurationFile: "", startedAt: 0, operatingSystem: "")
    }
}
