import Base
import Engine

/// One client of a core.
///
/// Replies. `output` holds replies in the order of the requests. Where another core's reply is
/// still to come there is a ``Hole``: what is behind it waits. What has no hole before it moves to
/// `released` and is sent; `sending` is what the kernel has.
struct Connection: ~Copyable {
    let id: ConnectionID
    var session = Session()
    var stall = Stall.none
    var isSending = false
    var isReceiving = false
    /// Nothing more is received; what was received is still run, then it closes.
    var isEnding = false
    /// Nothing more is run; once its replies are out it is closed.
    var isClosing = false
    /// Is to be closed at the end of the turn, whatever it was still to be sent.
    var isBroken = false
    /// The shell was asked to break it off.
    var isAborted = false
    /// In the list of connections that have something to send at the end of the turn.
    var isDirty = false
    /// Pieces of another core's reply have come.
    var hasPieces = false
    /// Its stalled request has got its keys and need not ask again.
    var mayPass = false
    var sending = OutputBuffer()
    var output = OutputBuffer()
    var released = OutputBuffer()
    /// Received and not yet run.
    var input = OutputBuffer()
    /// How long `input` must at least become before its first request can be complete.
    var inputNeeded = 0
    var partial: PartialRequest?
    var holes = HoleQueue()
    /// When the output last rose over the soft limit, in milliseconds since 1970; 0 while it is
    /// below.
    var overLimitSince: Int64 = 0
    /// When bytes last came from the client, in milliseconds since 1970.
    var lastActiveAt: Int64
    /// The last command of the last batch that came, or the one that is answered by CLIENT LIST.
    var lastCommand: CommandID?
    let details: ConnectionDetails

    init(id: ConnectionID, details: ConnectionDetails) {
        self.id = id
        self.details = details
        lastActiveAt = details.createdAt
        session.isRedirecting = details.listener == .core
    }

    /// Bytes that its buffers for replies have room for.
    var outputCapacity: Int { sending.capacity + released.capacity + output.capacity }

    /// Bytes of replies that the client has yet to read.
    var outputBytes: Int { sending.count + released.count + output.count }
}

/// Why a connection's next request is not run yet.
enum Stall: Equatable {
    case none
    /// Until the replies of other cores to earlier requests are in.
    case holes
    /// Until an operation over several cores is done.
    case operation(OperationID)
    /// Until a key is let go.
    case held
    /// Until CLIENT PAUSE ends.
    case paused
    /// Until there is an element for the client, whose request has begun: the number of its wait.
    case blocked(UInt64)

    var isOperation: Bool {
        if case .operation = self { true } else { false }
    }

    /// The request has been run, though its client may wait for the answer.
    var hasBegun: Bool {
        switch self {
        case .none, .blocked: true
        case .holes, .operation, .held, .paused: false
        }
    }
}

/// What requests change about their connection.
struct Session {
    var version = ProtocolVersion.resp2 { didSet { weigh() } }
    var isAuthenticated = false { didSet { weigh() } }
    var isInTransaction = false { didSet { weigh() } }
    /// A command could not be queued: EXEC will be refused.
    var isTransactionBroken = false
    var replyMode = ReplyMode.on { didSet { weigh() } }
    /// Has subscriptions. In RESP2 nothing but commands about them is then run.
    var isSubscriber = false { didSet { weigh() } }
    /// Is shown every request, and may not run those about keys.
    var isMonitor = false { didSet { weigh() } }
    var isNoEvict = false
    var isNoTouch = false
    /// CLIENT TRACKING.
    var tracking: TrackingModes = [] { didSet { weigh() } }
    /// Requests for other cores' keys are answered with where to send them: the client asked a
    /// core's own port.
    var isRedirecting = false

    /// Requests can be run as they come: nothing to check, to queue or to swallow. Kept up to date
    /// with what it follows from, since every turn looks at it.
    private(set) var isPlain = false

    /// Only commands about subscriptions are run.
    var isConfinedToChannels: Bool { isSubscriber && version == .resp2 }

    private mutating func weigh() {
        isPlain =
            isAuthenticated && !isInTransaction && replyMode == .on && !isConfinedToChannels
            && !isMonitor && !tracking.looksAtReads
    }
}

/// CLIENT REPLY.
enum ReplyMode {
    case on
    case off
    /// The next command's reply is swallowed.
    case skip
}

/// What is rarely needed of a connection; one object for its life.
final class ConnectionDetails {
    let number: Int64
    let descriptor: Int32
    let listener: Listener
    let address: String
    let localAddress: String
    /// Milliseconds since 1970.
    let createdAt: Int64
    /// The next request is a DEBUG SLEEP that has begun.
    var isSleeping = false
    var name = ""
    var libraryName = ""
    var libraryVersion = ""
    /// Commands that MULTI queued.
    var queue: RequestLog?
    /// How many they are, also while EXEC runs them.
    var queuedCount = 0
    /// One of them may not run where memory is short.
    var queueTakesMemory = false
    /// The commands of an EXEC that waits for its keys.
    var executing: RequestLog?
    var watched: [WatchedKey] = []
    var subscriptions = ClientSubscriptions()
    /// Pieces of replies of other cores' long works that wait to be sent.
    var pieces: [ParcelReference] = []
    var tracking = ClientTracking()

    init(
        number: Int64, descriptor: Int32, listener: Listener, address: String,
        localAddress: String, now: Int64
    ) {
        self.number = number
        self.descriptor = descriptor
        self.listener = listener
        self.address = address
        self.localAddress = localAddress
        createdAt = now
    }
}

/// A key that WATCH named, and its mark in the owner's ledger.
struct WatchedKey {
    var key: OwnedBytes
    var core: UInt16
    var mark: UInt64
}

/// The place of another core's reply in a connection's output.
struct Hole: BitwiseCopyable {
    /// Where in `output` the reply belongs.
    var offset: Int
    /// Where the reply is, once it is here.
    var parcel: ParcelReference?
    var start = 0
    var end = 0
    /// CLIENT REPLY OFF: the reply is dropped.
    var isSwallowed: Bool
    /// A PUBLISH's: until its reply is here `start` is the number of receivers so far and `end` how
    /// many cores have not told theirs.
    var isCount = false
    /// Of those, one that all cores agree to something: the reply is OK, the number means nothing.
    var isAgreement = false
}

/// A connection's holes in order.
struct HoleQueue: ~Copyable {
    private var holes = GrowableArray<Hole>(capacity: 1)
    /// Number of the first hole.
    private var firstNumber: UInt32 = 0
    /// How many of the holes are those of PUBLISH.
    private var countCount = 0

    @inline(__always)
    var isEmpty: Bool { holes.isEmpty }

    var count: Int { holes.count }

    /// The number that the next hole gets.
    var nextNumber: UInt32 { firstNumber &+ UInt32(holes.count) }

    /// Whether some request other than PUBLISH is still under way.
    var hasRequests: Bool { holes.count > countCount }

    mutating func append(_ hole: Hole) {
        if hole.isCount { countCount += 1 }
        holes.append(hole)
    }

    subscript(index: Int) -> Hole {
        get { holes[index] }
        set { holes[index] = newValue }
    }

    /// The place of the hole with this number.
    func index(ofNumber number: UInt32) -> Int {
        Int(number &- firstNumber)
    }

    /// Whether nothing is missing before the hole of this number.
    func areFilled(before number: UInt32) -> Bool {
        Int32(bitPattern: number &- firstNumber) <= 0
    }

    mutating func removeFirst(_ prefix: Int) {
        if countCount > 0 {
            for index in 0..<prefix where holes[index].isCount { countCount -= 1 }
        }
        holes.removeFirst(prefix)
        firstNumber &+= UInt32(prefix)
    }
}
