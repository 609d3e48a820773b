import Base
import Engine
import Log
import Placement

/// A part of a work's reply that is made and not handed on.
private final class ReplyChunk {
    var buffer: OutputBuffer

    init(_ buffer: consuming OutputBuffer) {
        self.buffer = buffer
    }
}

/// A command that this core does in parts, and what there is of its reply.
///
/// An object, as it lives over many turns and is off the path of requests that are run at once.
final class Work {
    let number: UInt64
    fileprivate(set) var box: RequestBox
    /// What it holds until all is computed.
    let keys: HeldKeys
    /// The core of the client's connection.
    let home: CoreIndex
    /// The client's connection there, and the place of the reply in its order.
    let item: ParcelItem
    /// It is done to its end though its client has gone.
    let isWrite: Bool
    /// What is left to be computed; nil once all is.
    var task: LongWork?
    /// The end of the reply as far as it is made, behind ``chunks``.
    var reply = OutputBuffer()
    /// What comes before it. A long reply lies in many, so that none of them is copied.
    private var chunks: [ReplyChunk] = []
    /// Chunks before this one have been handed on.
    private var firstChunk = 0
    /// How many bytes they have that have not.
    private var chunkBytes = 0
    /// How many bytes of the first chunk, or of ``reply`` where there is none, are the client's
    /// already.
    private var handedOn = 0
    /// How long its parts have taken.
    var nanoseconds: UInt64 = 0
    /// A piece of the reply is on its way to the client's core, or waits there to be sent.
    var isPieceOut = false
    /// The client has the last piece, which closed its hole.
    var isEnded = false
    /// What an EXEC runs behind the command that is done in parts.
    var rest: QueueAtRest?
    /// What it is the command of, where its keys are on several cores.
    var operation: Operation?
    /// What it asks of other cores.
    var inquiry: SortInquiry?
    /// What it did so far, for the log: nothing comes there before all is done.
    var records = LogBuffer(capacity: 0)
    /// Nobody wants the reply.
    var isAbandoned = false
    /// No earlier work here is for the same client, whose output takes replies in their order.
    fileprivate(set) var isFirst = true
    /// It took as long as the slow log asks for, and the client's core has not been told.
    var isSlow = false

    init(
        _ number: UInt64, _ box: RequestBox, _ keys: HeldKeys, _ home: CoreIndex,
        _ item: ParcelItem, isWrite: Bool, _ task: consuming LongWork
    ) {
        self.number = number
        self.box = box
        self.keys = keys
        self.home = home
        self.item = item
        self.isWrite = isWrite
        self.task = consume task
    }

    /// The next command of an EXEC is done in parts.
    func goOn(_ box: RequestBox, _ task: consuming LongWork) {
        self.box = box
        self.task = consume task
        nanoseconds = 0
    }

    /// Whether it is for that client's sake.
    func belongs(to home: CoreIndex, _ client: ConnectionID) -> Bool {
        item.connection == client && self.home == home
    }

    /// Bytes of the reply that are still to be handed on.
    var waitingBytes: Int { chunkBytes + reply.count - handedOn }

    /// A chunk has so many bytes, or a little more.
    private static var chunkSize: Int { 1 << 18 }

    /// A part of the reply has been made.
    func endPart() {
        if reply.count < Self.chunkSize { return }
        chunkBytes += reply.count
        chunks.append(ReplyChunk(reply.take()))
    }

    /// The next piece of the reply, of so many bytes at most, which may be less than there is
    /// room for.
    func nextPiece(_ bytesMax: Int) -> Bytes {
        let bytes = firstChunk < chunks.count ? chunks[firstChunk].buffer.bytes : reply.bytes
        return bytes.slice(handedOn, min(handedOn + bytesMax, bytes.count))
    }

    /// So many bytes more are the client's, all of one piece.
    func advance(_ bytes: Int) {
        handedOn += bytes
        if firstChunk < chunks.count {
            let count = chunks[firstChunk].buffer.count
            if handedOn < count { return }
            chunkBytes -= count
            handedOn = 0
            chunks[firstChunk].buffer = OutputBuffer()
            firstChunk += 1
            if 2 * firstChunk < chunks.count { return }
            chunks.removeFirst(firstChunk)
            firstChunk = 0
            return
        }
        if handedOn < waitingBytes { return }
        // More may have been made before all was handed on: what is gone makes room, so that a
        // reply of any length takes bounded memory.
        reply.removeFirst(handedOn)
        handedOn = 0
        reply.shrink(over: 1 << 20)
    }

    /// Forgets the reply.
    func dropReply() {
        handedOn = 0
        chunkBytes = 0
        firstChunk = 0
        chunks.removeAll()
        reply.removeAll()
    }
}

/// The commands of an EXEC, of which one is done in parts.
final class QueueAtRest {
    let log: RequestLog
    /// Which one.
    private(set) var place: Int

    init(_ log: consuming RequestLog, _ place: Int) {
        self.log = log
        self.place = place
    }

    /// The command that is done in parts, for a work of its own that lives no longer than this.
    func box(_ version: ProtocolVersion) -> RequestBox {
        var request = log.pipeline.requests[place]
        request.version = version
        return RequestBox(request, viewing: log.pipeline)
    }

    /// Passes on to the next command; false where there is none.
    func advance() -> Bool {
        place += 1
        return place < log.count
    }
}

/// The works of a core, in the order in which they take turns.
struct WorkTable: ~Copyable {
    private var works: [Work] = []
    /// Whose turn it is.
    private var next = 0
    private var lastNumber: UInt64 = 0

    @inline(__always)
    var isEmpty: Bool { works.isEmpty }

    var count: Int { works.count }

    subscript(place: Int) -> Work { works[place] }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func append(_ work: Work) {
        // Those of a parcel come one behind the other: the last ones are looked at first.
        let client = work.item.connection
        work.isFirst = !works.reversed().contains { $0.belongs(to: work.home, client) }
        works.append(work)
    }

    mutating func remove(_ work: Work) {
        guard let place = works.firstIndex(where: { $0 === work }) else { return }
        works.remove(at: place)
        if place < next { next -= 1 }
        if !work.isFirst { return }
        let behind = works[place...].first { $0.belongs(to: work.home, work.item.connection) }
        behind?.isFirst = true
    }

    /// How many bytes of replies wait here for a client.
    func waitingBytes(for home: CoreIndex, _ client: ConnectionID) -> Int {
        works.reduce(0) { $0 + ($1.belongs(to: home, client) ? $1.waitingBytes : 0) }
    }

    /// Nobody wants the replies to a client any more.
    func abandonAll(of home: CoreIndex, _ client: ConnectionID) {
        for work in works where work.belongs(to: home, client) {
            work.isAbandoned = true
            work.dropReply()
        }
    }

    func find(_ number: UInt64) -> Work? { works.first { $0.number == number } }

    /// The work that is so many places behind the one whose turn it is.
    func inTurn(_ distance: Int) -> Work { works[(next + distance) % works.count] }

    /// The turn is that of the work behind that one.
    mutating func passTurn(_ distance: Int) { next = (next + distance + 1) % works.count }
}
