import Base
import Engine
import Log
import Placement

/// Something that one core does for a connection together with other cores: a command over all of
/// them (``Core/beginGather(_:_:_:)``), or one whose keys are spread
/// (``Core/beginTransaction(_:_:)``).
///
/// An object, as it lives over many turns and is off the path of requests on one core.
final class Operation {
    let id: OperationID
    /// Nil where nobody waits for a reply.
    let connection: ConnectionID?
    var requests = RequestLog(capacity: 1, chunkSize: 512)
    /// The reply is dropped (CLIENT REPLY OFF or SKIP).
    var isReplySwallowed = false
    /// Its client is told of the next write to what it reads.
    var tracksReads = false
    /// How long all cores have worked for it.
    var nanoseconds: UInt64 = 0
    /// Milliseconds since 1970.
    var beganAt: Int64 = 0
    /// The wait that its connection is in: an operation began for it (``Core/beginCall(_:_:_:)``),
    /// or found nothing.
    var wait: Wait?
    /// What its request found nothing of, and would wait for.
    var wanted: WantedWait?

    // Of a gather.
    var pendingCount = 0
    var partials: [ParcelReference] = []
    var ownPart = OutputBuffer()
    /// Of a SCAN that goes from core to core.
    var walk: ScanWalk?

    // Of a transaction.
    /// What it did to this core's keys, for the log.
    var records = LogBuffer(capacity: 0)
    var isExec = false
    /// An EXEC has run FLUSHALL: what other cores have is gone once it is settled.
    var isFlushed = false
    /// The commands of an EXEC that read all keys: each core adds its part when it grants its hold.
    var sharedReads = RequestLog(capacity: 1, chunkSize: 64)
    var participants: [Participant] = []
    var nextParticipant = 0
    /// A command of it is done in parts. Between them what it has borrowed is in no table.
    var isResting = false

    // Of a transaction with a SORT whose elements name keys.
    var sortKeys: SortKeys?
    /// Keys whose names fit one of these are lent: the elements are not known beforehand.
    var lentPatterns: [LentPattern] = []

    init(id: OperationID, connection: ConnectionID?) {
        self.id = id
        self.connection = connection
    }
}

/// A core's part in a transaction over several.
struct Participant {
    let core: CoreIndex
    var keys: [BorrowedKey] = []
    var isEverything = false
    /// The parcel that went there and came back with the entries.
    var parcel: ParcelReference?
    /// The keys' places by their hashes, once they are many.
    private var places: [UInt64: Int] = [:]

    init(core: CoreIndex) {
        self.core = core
    }

    /// Where the key of that hash is among the keys; nil where it is not, so that it will be the
    /// last one.
    mutating func noteKey(_ hash: UInt64) -> Int? {
        if keys.count < 32 { return keys.firstIndex { $0.hash == hash } }
        if places.isEmpty {
            for place in keys.indices { places[keys[place].hash] = place }
        }
        if let place = places[hash] { return place }
        places[hash] = keys.count
        return nil
    }

    /// What the core must hold. Keys that are only watched are held as well: they must not change
    /// before the commands have run.
    var heldKeys: HeldKeys {
        isEverything
            ? HeldKeys(isEverything: true) : HeldKeys(hashes: keys.map(\.hash))
    }
}

/// The operations that a core leads.
struct OperationTable: ~Copyable {
    private var operations: [OperationID: Operation] = [:]
    private var lastNumber: UInt64 = 0

    /// How many are under way.
    var count: Int { operations.count }

    /// A number that no other operation and no wait of this core has.
    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func begin(_ connection: ConnectionID?) -> Operation {
        let operation = Operation(id: OperationID(number: nextNumber()), connection: connection)
        operations[operation.id] = operation
        return operation
    }

    func find(_ id: OperationID) -> Operation {
        guard let operation = operations[id] else {
            invariantFailed("mail for an operation finds it")
        }
        return operation
    }

    mutating func end(_ operation: Operation) {
        operations[operation.id] = nil
    }
}

extension Core {
    /// Lets the connection wait for an operation, which starts once no earlier reply is missing.
    ///
    /// - Returns: nil when the request must be read again later.
    mutating func begin(_ connection: ConnectionReference, _ request: Request) -> Operation? {
        if !connection.state.holes.isEmpty {
            connection.state.stall = .holes
            return nil
        }
        let operation = operations.begin(connection.state.id)
        operation.requests.append(request, from: pipeline, adopting: &servedInput)
        operation.isReplySwallowed = connection.state.session.replyMode != .on
        operation.tracksReads = connection.state.session.tracking.tracksReads
        operation.beganAt = now
        connection.state.stall = .operation(operation.id)
        statistics.operations += 1
        return operation
    }

    /// Writes an operation's reply, if its connection is still there.
    ///
    /// The command counts as a call that took as long as all cores have worked for it.
    ///
    /// - Parameter write: runs with the engine's reply set to the connection's output.
    mutating func answer(
        _ operation: Operation, _ write: (inout Core, ConnectionReference) -> Void
    ) {
        guard let id = operation.connection, let connection = connections.find(id) else { return }
        let call = operation.requests.pipeline.invocation(0)
        // A request that waited was counted and shown when it came.
        let isFirst = operation.wait == nil
        let start = engine.begin(call.command)
        withReply(of: connection, isSwallowed: operation.isReplySwallowed) { core in
            write(&core, connection)
            if core.duties.contains(.monitored), isFirst { core.show(call, of: connection) }
        }
        let nanoseconds = operation.nanoseconds &+ engine.elapsed(since: start)
        if operation.isResting, !operation.isExec {
            // Its work will be counted.
            operation.nanoseconds = nanoseconds
            engine.suspend()
        } else if isFirst {
            engine.complete(call, nanoseconds)
        }
        if engine.insight.hasSlowCalls { noteSlowCalls(of: connection) }
    }

    /// Runs `write` with the engine's reply set to a connection's output. It may be another's at
    /// the moment.
    ///
    /// - Parameter isSwallowed: what is replied is dropped.
    mutating func withReply(
        of connection: ConnectionReference, isSwallowed: Bool, _ write: (inout Core) -> Void
    ) {
        let (served, version) = (serving, engine.reply.version)
        swap(&engine.reply.buffer, &connection.state.output)
        engine.reply.version = connection.state.session.version
        let before = engine.reply.buffer.count
        serving = connection.state.id
        write(&self)
        serving = nil
        if isSwallowed { dropReply(connection, before: before, holesBefore: 0) }
        if !heldPushes.isEmpty { releaseHeldPushes() }
        swap(&engine.reply.buffer, &connection.state.output)
        (serving, engine.reply.version) = (served, version)
    }

    /// Ends an operation and lets its connection go on.
    mutating func end(_ operation: Operation) {
        operations.end(operation)
        if operation.requests.hasAdopted {
            var buffer = operation.requests.takeAdopted()
            engine.keyspace.release(&buffer)
        }
        guard let id = operation.connection, let connection = connections.find(id) else { return }
        switch connection.state.stall {
        case .operation(operation.id):
            if let wait = operation.wait {
                connection.state.stall = .blocked(wait.id.number)
                return
            }
            // Of a work's reply a part may still be on its way to the client.
            connection.state.stall = connection.state.holes.isEmpty ? .none : .holes
        // Its wait has begun and ended meanwhile: keys were let go, and somebody wrote one.
        case .none: break
        // It waits, or is called for again.
        default: return
        }
        markDirty(connection)
        serveInput(connection)
    }
}
