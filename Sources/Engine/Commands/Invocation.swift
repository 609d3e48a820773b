import Base
import Placement

/// A parsed request, as the tables of a pipeline hold it.
package struct Request: BitwiseCopyable {
    package var firstArgument: Int32
    package var argumentCount: Int32
    /// Where the request begins in the bytes it was read from.
    package var start: Int = 0
    /// Hash and slot of the first key; meaningless for commands without one.
    package var hash: UInt64 = 0
    package var slot: UInt16 = 0
    /// The core that owns all the keys, where ``route`` is ``Route/core`` or ``Route/blocking``.
    package var core = CoreIndex(0)
    package var command: CommandID = .get
    package var route: Route = .core
    /// The form of the reply, for a request that goes to another core.
    package var version: ProtocolVersion = .resp2
    /// The keys are in several slots, whether or not one core owns them all.
    package var spansSlots = false
    /// A client that takes this core for a node of a cluster may have to be refused.
    package var isConfined = false
    /// Its client is to be told of the next write to a key of it (CLIENT TRACKING).
    package var isTracked = false

    /// Where a request goes.
    package enum Route: UInt8, BitwiseCopyable {
        /// To the one core that owns its keys.
        case core
        /// To several cores at once: its keys are spread.
        case cores
        /// As ``core``; its client may have to wait.
        case blocking
        /// As ``cores``; its client may have to wait.
        case blockingCores
        /// As ``cores``; the elements of the value at the first key name more of them (SORT).
        case patterns
        /// To the node's own code, on the connection's core.
        case node
        /// Nowhere: no such command.
        case unknown
        /// Nowhere: the wrong number of arguments.
        case arity
        /// Nowhere: a container's subcommand that does not exist.
        case unknownSubcommand

        /// The same for a client that never waits.
        package var withoutBlocking: Route {
            switch self {
            case .blocking: .core
            case .blockingCores: .cores
            default: self
            }
        }
    }

    @inline(__always)
    package init(firstArgument: Int, argumentCount: Int) {
        self.firstArgument = Int32(firstArgument)
        self.argumentCount = Int32(argumentCount)
    }
}

/// One call of a command: its arguments and its first key. The views live until the end of the
/// step.
@safe
package struct Invocation: BitwiseCopyable {
    private let arguments: UnsafePointer<Bytes>
    /// How many arguments, the command's name included.
    package let count: Int
    package let command: CommandID
    private let hash: UInt64
    private let slot: UInt16
    private let firstKey: Int

    @inline(__always)
    package init(_ request: Request, _ table: UnsafeMutablePointer<Bytes>, firstKey: Int = 1) {
        unsafe arguments = UnsafePointer(table + Int(request.firstArgument))
        count = Int(request.argumentCount)
        command = request.command
        hash = request.hash
        slot = request.slot
        self.firstKey = firstKey
    }

    /// Where the arguments lie.
    @inline(__always)
    var start: UnsafePointer<Bytes> { unsafe arguments }

    /// Argument `index`; the command's name is argument 0.
    @inline(__always)
    package subscript(index: Int) -> Bytes {
        invariant(UInt(bitPattern: index) < UInt(bitPattern: count), "an argument is there")
        return unsafe arguments[index]
    }

    /// The first key.
    @inline(__always)
    package var key: KeyReference {
        KeyReference(bytes: self[firstKey], hash: hash, slot: slot)
    }

    /// Whether the other is the very same request.
    fileprivate func isSame(as other: Invocation) -> Bool {
        unsafe arguments == other.arguments
    }

    /// The command's name as its row spells it.
    package var name: StaticString { command.row.name }
}

/// The requests of one read, parsed: tables that are filled and emptied each turn.
package struct Pipeline: ~Copyable {
    package var requests: GrowableArray<Request>
    package var arguments: GrowableArray<Bytes>
    /// Some request has keys in several slots, or may otherwise be refused in a cluster.
    package var hasConfinedRequest = false
    /// The words of an inline request.
    var scratch = OutputBuffer()

    /// A pipeline is worked off in parts of at most so many requests, which bounds a turn's tables.
    package static let requestCountMax = 64

    /// - Parameter capacity: the requests that fit before the tables grow.
    package init(capacity: Int = requestCountMax) {
        requests = GrowableArray(capacity: capacity)
        arguments = GrowableArray(capacity: 4 * capacity)
    }

    package mutating func removeAll() {
        hasConfinedRequest = false
        requests.removeAll()
        arguments.removeAll()
    }

    /// The place of the request that a call is of.
    package func find(_ call: Invocation) -> Int? {
        (0..<requests.count).first { invocation($0).isSame(as: call) }
    }

    @inline(__always)
    package func invocation(_ index: Int) -> Invocation {
        invocation(requests[index])
    }

    /// The call that one of the pipeline's requests makes.
    @inline(__always)
    package func invocation(_ request: Request) -> Invocation {
        let firstKey = request.command.hasKeyFirst ? 1 : 2
        return unsafe Invocation(request, arguments.start, firstKey: firstKey)
    }
}
