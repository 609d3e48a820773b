import Base

/// Which process under an id: later lives are greater. The salt tells two processes of the same
/// generation apart and is the same for as long as a process runs.
public struct Life: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// How often the node has started, as far as its disk knows; 0 without a disk. A process raises
    /// it when it hears of a dead earlier life with a higher one.
    public var generation: UInt32
    /// Random bits of the process.
    public let salt: UInt32

    /// The life of this generation and salt.
    public init(generation: UInt32, salt: UInt32) {
        self.generation = generation
        self.salt = salt
    }

    public static func < (left: Life, right: Life) -> Bool {
        (left.generation, left.salt) < (right.generation, right.salt)
    }
}

/// How often a member has refuted what was said of it, within its life (SWIM 4.2).
public struct Incarnation: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt32

    /// The largest one that is taken from a datagram: far more than a life refutes, and far enough
    /// from the end that raising one never overflows.
    public static let max = Incarnation(1 << 31)
    /// The one that a life begins with.
    public static let first = Incarnation(0)

    /// The incarnation of this number.
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The one after it.
    public var next: Incarnation { Incarnation(rawValue + 1) }

    public static func < (left: Incarnation, right: Incarnation) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What is believed of a member. Within an incarnation the greater status wins.
public enum MemberStatus: UInt8, Comparable, Sendable, BitwiseCopyable {
    /// It answers, or somebody says so.
    case alive = 0
    /// Somebody has asked it in vain.
    case suspect = 1
    /// It has not refuted a suspicion in time.
    case dead = 2
    /// It has said that it goes.
    case left = 3

    /// Whether it may still answer: alive or suspect.
    public var isLive: Bool { self <= .suspect }

    public static func < (left: MemberStatus, right: MemberStatus) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// All that decides which of two pieces of news about a member holds: the greater one
/// (docs/internals/gossip.md, "Standing"). Taking the greater one is associative, commutative and
/// idempotent, so messages may come in any order, several times or not at all.
public struct Standing: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Which process.
    public var life: Life
    /// Its refutations.
    public var incarnation: Incarnation
    /// What is believed of that incarnation.
    public var status: MemberStatus

    /// A status of an incarnation of a life.
    public init(_ life: Life, _ incarnation: Incarnation, _ status: MemberStatus) {
        self.life = life
        self.incarnation = incarnation
        self.status = status
    }

    public static func < (left: Standing, right: Standing) -> Bool {
        if left.life != right.life { return left.life < right.life }
        if left.incarnation != right.incarnation { return left.incarnation < right.incarnation }
        return left.status < right.status
    }
}
