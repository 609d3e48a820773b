import Base
import Engine
import Placement

/// A piece of mail between two cores of a node.
///
/// Made by one core, its home, and given back to it to be used again. Whoever holds the reference
/// owns the content: it goes over with the mail, so nothing in it is shared.
@safe
public struct ParcelReference: BitwiseCopyable, @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<Parcel>

    fileprivate init(_ parcel: consuming Parcel) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: parcel)
    }

    fileprivate func destroy() {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    @inline(__always)
    var content: Parcel {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }
}

/// What a parcel asks of its receiver.
enum ParcelKind {
    /// Run the requests and send the replies back.
    case requests
    /// The requests were run; the replies are in the parcel.
    case replies
    /// Run this core's part of a command over all cores.
    case gather
    case gathered
    /// Hold the keys for an operation and lend their entries.
    case hold
    case granted
    /// Take the entries back as they are now, and let go of the keys.
    case settle
    /// Run a request that may want to wait.
    case attempt
    case attempted
    /// The answer for a client that waits, to be taken or declined.
    case offer
    case offerAnswered
    /// What a client waits for is there, but not all of the request's keys are the sender's.
    case call
    case callAnswered
    /// A wait is over.
    case forget
    /// A piece of a reply that its sender makes in parts.
    case piece
    case pieceTaken
    /// How far the sender has synced its parts of transactions.
    case synced
    /// Sync what is written, for the sender's snapshot.
    case syncWanted
    case syncDone
    /// Why the sender's log takes nothing; empty where it does again.
    case refusal
    /// A piece of a value that is lent or given back in parts.
    case travel
    case travelled
    /// Tell what keys have that a large SORT reads.
    case lookUp
    case lookedUp
    /// Done with; the home may use it again.
    case spent
    /// Take over an accepted connection.
    case adopt
    /// Note what the sender wants to hear of.
    case interest
    case interestNoted
    /// Look for the client of a number.
    case findClient
    case clientFound
    /// Deliver the messages to subscribers.
    case messages
    case delivered
}

/// Whose a request in a parcel is.
struct ParcelItem: BitwiseCopyable {
    var connection: ConnectionID
    /// The reply's place in the connection's order.
    var hole: UInt32

    /// Nobody waits for a reply.
    static var nobody: ParcelItem {
        ParcelItem(connection: ConnectionID(index: .max, generation: .max), hole: 0)
    }
}

/// A request in a parcel that took long.
struct ParcelSlowCall: BitwiseCopyable {
    /// Its place in the parcel.
    var place: Int
    var nanoseconds: UInt64
}

struct Parcel: ~Copyable {
    var kind = ParcelKind.requests
    let home: CoreIndex
    /// Who posted it last.
    var sender: CoreIndex
    var requests = RequestLog(capacity: 64, chunkSize: 16_384)
    var items = GrowableArray<ParcelItem>(capacity: 64)
    var reply = OutputBuffer()
    /// Where each request's reply ends in ``reply``; of messages, how many receivers each had.
    var replyEnds = GrowableArray<Int>(capacity: 64)
    /// Of the requests those that took long.
    var slowCalls = GrowableArray<ParcelSlowCall>(capacity: 1)
    /// Of the requests those that are done in parts, whose replies come by themselves.
    var deferred = GrowableArray<Int>(capacity: 1)
    /// It brings the end of a reply that was made in parts.
    var isLastPiece = false
    /// More has been collected for the client than it may leave unread: it is to be ended.
    var endsClient = false
    /// How long the receiver took for its part of a command.
    var nanoseconds: UInt64 = 0
    /// Replies that were not copied into their connections' output yet.
    var unresolved = 0
    /// How far a parcel of requests was run before it had to wait for a key.
    var progress = 0
    /// The operation of its home that it belongs to.
    var operation = OperationID.none
    /// Where the receiver goes on with a SCAN.
    var scanCursor: UInt64?
    /// Of a piece of a value.
    var piece = PieceNote()
    /// What an operation holds, watches and borrows here.
    var keys: [BorrowedKey] = []
    /// The operation holds every key of the core.
    var isEverything = false
    /// Keys whose names fit one of these are lent as well; only where ``isEverything``.
    var lentPatterns: [LentPattern] = []
    /// Of the wait that it is about.
    var wait = WaitNote()
    /// What its sender holds until an offer is answered.
    var offered = HeldKeys()
    /// An EXEC's FLUSHALL: all keys go before the entries are taken back.
    var isFlushed = false
    /// The transaction that a settling belongs to; 0 where it changes nothing.
    var transaction: UInt64 = 0
    /// All cores that log a part of it, ascending.
    var loggers = GrowableArray<UInt16>(capacity: 1)
    /// Whose operation gives keys back; nobody's where the client is gone.
    var client = Tracker.nobody
    /// This core's parts of an EXEC's commands over all keys; they end at ``replyEnds``.
    var parts = OutputBuffer()
    var descriptor: Int32 = -1
    var listener = Listener.gateway

    init(home: CoreIndex) {
        self.home = home
        sender = home
    }

    /// Forgets the content and keeps the memory.
    mutating func reset() {
        kind = .requests
        requests.removeAll()
        items.removeAll()
        reply.removeAll()
        reply.shrink(over: 1 << 20)
        replyEnds.removeAll()
        slowCalls.removeAll()
        deferred.removeAll()
        isLastPiece = false
        endsClient = false
        nanoseconds = 0
        unresolved = 0
        progress = 0
        operation = .none
        scanCursor = nil
        piece = PieceNote()
        keys.removeAll(keepingCapacity: true)
        isEverything = false
        lentPatterns.removeAll()
        wait = WaitNote()
        offered = HeldKeys()
        isFlushed = false
        transaction = 0
        loggers.removeAll()
        client = .nobody
        parts.removeAll()
        parts.shrink(over: 1 << 20)
        descriptor = -1
    }
}

/// Which multi-core operation of a core.
struct OperationID: Hashable, BitwiseCopyable {
    var number: UInt64

    static let none = OperationID(number: 0)
}

/// A key of an operation, as it travels between the operation's core and the key's owner.
struct BorrowedKey {
    let key: OwnedBytes
    let hash: UInt64
    let slot: UInt16
    /// The mark of WATCH, where the operation is an EXEC that the key's change would refuse.
    var watchMark: UInt64?
    /// The operation's commands name the key: its entry is lent.
    var isBorrowed = false
    /// Whether the key is there, now that it was lent or is given back; its record is in the
    /// parcel's reply.
    var isPresent = false
    /// The slot's stamp at its owner: what the borrower writes must exceed it.
    var slotStamp: UInt64 = 0
    /// The key was written since it was watched.
    var isDirty = false
    /// It was read for the operation's client, who is told of the next write to it.
    var isTracked = false
    /// Its value goes in pieces of its own and not in the parcel's reply.
    var goesInParts = false
    /// It is pinned at its owner as long as it is lent.
    var isPinned = false
    /// The stamp of its last write when it was lent.
    var lentStamp: UInt64 = 0
    /// It comes back as it was lent, so its value stays away.
    var isUnchanged = false
    /// When it was last used, where it is unchanged.
    var access: UInt8 = 0
    /// What has come of its value in pieces, or is put aside while the operation rests: an entry
    /// of the core that has the parcel.
    var value: TravellingEntry?
}

/// A core's own parcels that nobody uses.
struct ParcelPool: ~Copyable {
    private var free = GrowableArray<ParcelReference>(capacity: 16)
    private let home: CoreIndex
    /// How many parcels are in use.
    private(set) var outCount = 0

    init(home: CoreIndex) {
        self.home = home
    }

    deinit {
        for index in 0..<free.count { free[index].destroy() }
    }

    /// How many parcels are here.
    var freeCount: Int { free.count }

    /// One of those that are here.
    func freeParcel(_ place: Int) -> ParcelReference { free[place] }

    mutating func take() -> ParcelReference {
        outCount &+= 1
        return free.popLast() ?? ParcelReference(Parcel(home: home))
    }

    mutating func giveBack(_ parcel: ParcelReference) {
        invariant(parcel.content.home == home, "a parcel returns to its home")
        outCount &-= 1
        parcel.content.reset()
        if free.count == 256 {
            parcel.destroy()
        } else {
            free.append(parcel)
        }
    }
}
