import Base
import Log
import Node
import Placement
import TestSupport
import Testing

/// A node in this thread: its cores, mail carried by hand, clients that are byte strings, and a
/// clock that a test sets.
final class NodeHarness {
    /// A core has no copies, so an array of them is one of boxes.
    private final class Box {
        var core: Core

        init(_ core: consuming Core) {
            self.core = core
        }
    }

    private struct Client {
        let core: Int
        let id: ConnectionID
        var received = ""
        var isClosed = false
        var isReading = true
        /// What it was sent and does not read.
        var held: OwnedBytes?
    }

    private var boxes: [Box] = []
    private var clients: [Client] = []
    private(set) var hasShutDown = false
    /// What CONFIG REWRITE would have written last, and how the next one fails.
    private(set) var rewritten: SettingsInForce?
    var rewriteFailure: String?
    /// Milliseconds since 1970.
    private(set) var now: Int64 = 1_000_000_000_000

    /// What the cores of a test say of themselves.
    static func identity(file: String) -> NodeIdentity {
        NodeIdentity(
            id: String(repeating: "a", count: 40), runID: String(repeating: "b", count: 40),
            host: "127.0.0.1", gatewayPort: 6379, nodePort: 7379, corePort: 8379,
            processID: 1, executable: "gyre", configurationFile: file,
            startedAt: 1_000_000_000_000, operatingSystem: "test")
    }

    init(
        cores: Int, configuration: NodeConfiguration = NodeConfiguration(), file: String = ""
    ) {
        for index in 0..<cores {
            let core = Core(
                index: CoreIndex(UInt16(index)), coreCount: cores,
                identity: Self.identity(file: file), configuration: configuration,
                routing: RoutingTable(singleNodeWithCores: cores), seed: UInt64(index + 1),
                hashSeed: 7)
            boxes.append(Box(core))
            boxes[index].core.setTime(now)
        }
    }

    /// A new client of a core; what it is called by.
    func connect(core: Int = 0, _ listener: Listener = .gateway) -> Int {
        let port: Int
        switch listener {
        case .gateway: port = 6379
        case .node: port = 7379
        case .core: port = 8379 + core
        }
        let id = boxes[core].core.accepted(
            AcceptedConnection(
                descriptor: Int32(clients.count), listener: listener,
                address: "10.0.0.1:\(40_000 + clients.count)", localAddress: "10.0.0.9:\(port)",
                nodeConnectionCount: clients.count { !$0.isClosed } + 1))
        clients.append(Client(core: core, id: id))
        run()
        return clients.count - 1
    }

    /// Sends an inline request, or several in lines; what has come back by the time that nothing
    /// moves any more.
    @discardableResult
    func send(_ client: Int, _ text: String) -> String {
        deliver(client, OwnedBytes(text + "\r\n"))
    }

    /// Sends requests, given as words, as one pipeline: unlike inline requests they are run as a
    /// batch.
    @discardableResult
    func pipeline(_ client: Int, _ requests: [String]) -> String {
        deliver(client, OwnedBytes(requests.flatMap { Call(words: $0).encoded }))
    }

    private func deliver(_ client: Int, _ input: OwnedBytes) -> String {
        clients[client].received = ""
        input.withBytes { boxes[clients[client].core].core.received(clients[client].id, $0) }
        run()
        return clients[client].received
    }

    /// Sends a request without waiting for what comes of it; ``turn()`` lets it go on.
    func begin(_ client: Int, _ text: String) {
        clients[client].received = ""
        OwnedBytes(text + "\r\n").withBytes {
            boxes[clients[client].core].core.received(clients[client].id, $0)
        }
    }

    /// Lets each core take one turn; whether any had something to do.
    @discardableResult
    func turn() -> Bool {
        var isBusy = false
        for index in boxes.indices {
            if takeTurn(index) { isBusy = true }
        }
        return isBusy
    }

    /// What came for a client since its last request.
    func received(_ client: Int) -> String { clients[client].received }

    /// Drops what came for a client.
    func forget(_ client: Int) { clients[client].received = "" }

    func isClosed(_ client: Int) -> Bool { clients[client].isClosed }

    /// Lets a client leave all that it is sent with the server, from now on.
    func stopsReading(_ client: Int) { clients[client].isReading = false }
    /// From now on each reading of a core's stopwatch is so much later than the one before.
    func setStopwatch(step nanoseconds: UInt64) {
        for box in boxes { box.core.setStopwatch(Stopwatch(step: nanoseconds)) }
    }

    /// The fields of INFO, by name.
    func info(_ client: Int, _ section: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in send(client, "INFO \(section)").split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    /// The number of the core that owns a key.
    func owner(of key: String) -> Int { boxes[0].core.ownerNumber(ofKey: key) }

    /// Ends the process unless all cores keep their promises to themselves.
    func checkInvariants() {
        for box in boxes { box.core.checkInvariants() }
    }

    /// Hands a core what a client sends, as one pipeline, and lets no turn pass.
    func begin(_ client: Int, _ requests: [String]) {
        clients[client].received = ""
        let input = OwnedBytes(requests.flatMap { Call(words: $0).encoded })
        input.withBytes { boxes[clients[client].core].core.received(clients[client].id, $0) }
    }

    /// Takes turns until no core wants anything; how many.
    @discardableResult
    func finish() -> Int {
        var count = 0
        while turn() { count += 1 }
        return count
    }

    /// A client's connection breaks.
    func breakOff(_ client: Int) {
        clients[client].isClosed = true
        boxes[clients[client].core].core.connectionFailed(clients[client].id)
    }

    /// How many bytes of replies a core keeps for a client.
    func unsentBytes(_ client: Int) -> Int {
        boxes[clients[client].core].core.unsentBytes(clients[client].id)
    }

    /// How many bytes of replies of works a core keeps.
    func keptReplyBytes(core: Int) -> Int { boxes[core].core.keptReplyBytes }

    /// Lets a client read again what it is sent.
    func readsOn(_ client: Int) {
        clients[client].isReading = true
        guard let held = clients[client].held else { return }
        clients[client].held = nil
        clients[client].received += held.string
        boxes[clients[client].core].core.sendCompleted(clients[client].id, result: held.count)
    }

    /// Lets time pass without letting anything happen.
    func advanceClock(milliseconds: Int64) {
        now += milliseconds
        for box in boxes { box.core.setTime(now) }
    }

    /// How many commands a core has done in parts, and how many elements those of one turn have
    /// looked at, at most.
    func works(core: Int = 0) -> (count: Int, elementsMax: Int) { boxes[core].core.workFigures }

    /// What a core still has that it should not.
    func leak(core: Int = 0) -> String? { boxes[core].core.findLeak() }

    /// Lets time pass, in one go.
    func advance(milliseconds: Int64) {
        now += milliseconds
        for box in boxes {
            box.core.setTime(now)
            if let tick = box.core.nextTick, tick <= now { box.core.tick() }
        }
        run()
    }

    // MARK: The log

    /// What became of a core's log.
    struct Disk {
        /// Of all segments, one behind the other.
        var written: [UInt8] = []
        /// How much of it is synced.
        var syncedCount = 0
        var syncCount = 0
        /// Syncs, or writes, do not come to their end.
        var keepsSyncs = false
        var keepsWrites = false
        var isFull = false
        /// The segment that was asked for last.
        var wanted: UInt32?
        /// The snapshot that is being written: records, without the header.
        var snapshot: [UInt8] = []
        /// What was put in place: the snapshot and its plan.
        var installed: (snapshot: [UInt8], plan: SnapshotPlan)?
        /// Which step of a snapshot fails.
        var failingStep: SnapshotStepInTest?
        /// This step of a snapshot is not done before ``NodeHarness/finish(_:of:)``.
        var keptStep: SnapshotStepInTest?
        var wasDropped = false

        fileprivate mutating func write(_ bytes: Bytes, _ write: LogWrite) {
            written += unsafe Array(bytes.slice(0, write.count).buffer)
        }
    }

    /// What a core asks of its disk for a snapshot.
    enum SnapshotStepInTest: CaseIterable {
        case create, write, close, install
    }

    /// A step of a core's snapshot comes to its end, or fails.
    func finish(_ step: SnapshotStepInTest, of core: Int) {
        if disks[core].failingStep == step {
            boxes[core].core.snapshotFailed("No space left on device")
            return
        }
        switch step {
        case .create:
            disks[core].snapshot = []
            boxes[core].core.snapshotCreated(salt: 7)
        case .write: break
        case .close: boxes[core].core.snapshotClosed()
        case .install:
            let plan = boxes[core].core.withSnapshotPlan { $0 }
            disks[core].installed = (disks[core].snapshot, plan)
            boxes[core].core.snapshotInstalled()
        }
    }

    private func begin(_ step: SnapshotStepInTest, of core: Int) {
        if disks[core].keptStep != step { finish(step, of: core) }
    }

    var disks: [Disk] = []

    /// Lets every core log from now on.
    func startLogs() {
        for index in boxes.indices {
            disks.append(Disk())
            boxes[index].core.startLog(LogStart(segment: 1, salt: 1, firstTransaction: 1))
        }
    }

    /// As if each core read its data back, and was so far.
    func beginLoading(bytes: Int = 0, of total: Int = 0) {
        for box in boxes {
            box.core.beginLoading()
            box.core.noteLoaded(bytes: bytes, of: total)
        }
    }

    func endLoading() {
        for box in boxes { box.core.endLoading() }
        run()
    }

    /// The sync in flight ends well.
    func sync(_ core: Int) {
        disks[core].syncedCount = disks[core].written.count
        boxes[core].core.logSynced(true)
    }

    /// The sync in flight fails.
    func failSync(_ core: Int) {
        boxes[core].core.logSynced(false, reason: "Input/output error")
    }

    /// Calls `body` with what a core is.
    func withCore<Result>(_ core: Int, _ body: (inout Core) -> Result) -> Result {
        body(&boxes[core].core)
    }

    /// Takes turns until no core wants anything.
    private func run() {
        while turn() {}
    }

    /// Lets a core take a turn.
    ///
    /// - Returns: whether it wants something.
    private func takeTurn(_ index: Int) -> Bool {
        if let tick = boxes[index].core.nextTick, tick <= now { boxes[index].core.tick() }
        boxes[index].core.endTurn()
        let hasEffects = perform(index)
        if let tick = boxes[index].core.nextTick, tick <= now { return true }
        return hasEffects
    }

    private func perform(_ index: Int) -> Bool {
        var place = 0
        while place < boxes[index].core.outbox.effects.count {
            perform(boxes[index].core.outbox.effects[place], of: index)
            place += 1
        }
        boxes[index].core.outbox.effects.removeAll()
        return place > 0
    }

    private func perform(_ effect: Node.Effect, of index: Int) {
        switch effect {
        case .send(let id, let bytes):
            guard let client = client(id, index) else { return }
            if !clients[client].isReading {
                clients[client].held = OwnedBytes(bytes)
                return
            }
            clients[client].received += bytes.string
            boxes[index].core.sendCompleted(id, result: bytes.count)
        case .abort(let id): boxes[index].core.sendCompleted(id, result: -32)
        case .mail(let target, let parcel):
            boxes[Int(target.rawValue)].core.mailArrived(parcel)
        case .close(let id, _):
            if let client = client(id, index) { clients[client].isClosed = true }
        case .shutDown: hasShutDown = true
        case .rewriteSettings(let number):
            rewritten = boxes[index].core.settingsInForce
            boxes[index].core.settingsRewritten(number, failure: rewriteFailure)
        case .writeLog(let write, let bytes):
            disks[index].write(bytes, write)
            if !disks[index].keepsWrites { boxes[index].core.logWritten(write.count) }
        case .syncLog:
            disks[index].syncCount += 1
            if !disks[index].keepsSyncs { sync(index) }
        case .createSegment(let number):
            disks[index].wanted = number
            if disks[index].isFull {
                boxes[index].core.segmentFailed("No space left on device")
            } else {
                boxes[index].core.segmentCreated(salt: UInt64(number))
            }
        case .createSnapshot: begin(.create, of: index)
        case .writeSnapshot(let offset, let bytes):
            if disks[index].failingStep == .write {
                boxes[index].core.snapshotWritten(nil, reason: "No space left on device")
                return
            }
            // The kernel may take less than it is given.
            let count = min(bytes.count, 100_000)
            #expect(Int(offset) == FileHeader.size + disks[index].snapshot.count)
            disks[index].snapshot += unsafe Array(bytes.slice(0, count).buffer)
            boxes[index].core.snapshotWritten(count)
        case .closeSnapshot: begin(.close, of: index)
        case .installSnapshot: begin(.install, of: index)
        case .dropSnapshot: disks[index].wasDropped = true
        case .receive, .stopReceiving, .adopt, .prepareMemory, .trimHeap: break
        }
    }

    private func client(_ id: ConnectionID, _ core: Int) -> Int? {
        clients.firstIndex { $0.core == core && $0.id == id && !$0.isClosed }
    }
}
