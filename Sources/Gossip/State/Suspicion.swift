import Base

/// A suspicion that is neither refuted nor confirmed yet, as this node knows it.
struct Suspicion: BitwiseCopyable {
    /// More opinions than these change nothing.
    static let accusersMax = 4

    let id: NodeID
    /// When this node heard of it first, or went on after it had stood still.
    var beganAt: Int64
    /// When the member counts as dead.
    var deadline: Int64
    private var first: NodeID
    private var others: (NodeID, NodeID, NodeID)
    /// How many members say so, 1...4.
    private(set) var accuserCount = 1
    /// When this node, as an accuser, pings the suspect next; nil where it does not.
    var nextPing: Int64?

    init(_ id: NodeID, accuser: NodeID, now: Int64) {
        self.id = id
        beganAt = now
        deadline = now
        first = accuser
        others = (accuser, accuser, accuser)
    }

    /// The accuser at `index`, below ``accuserCount``.
    func accuser(_ index: Int) -> NodeID {
        switch index {
        case 0: first
        case 1: others.0
        case 2: others.1
        default: others.2
        }
    }

    func isAccused(by id: NodeID) -> Bool {
        for index in 0..<accuserCount where accuser(index) == id { return true }
        return false
    }

    /// Notes an accuser; false where it says nothing new.
    mutating func add(_ accuser: NodeID) -> Bool {
        if accuserCount == Self.accusersMax { return false }
        if isAccused(by: accuser) { return false }
        switch accuserCount {
        case 1: others.0 = accuser
        case 2: others.1 = accuser
        default: others.2 = accuser
        }
        accuserCount += 1
        return true
    }
}

/// How long a suspicion lasts (Lifeguard, IV-B).
enum SuspicionTime {
    /// The milliseconds from a suspicion to the confirmation.
    ///
    /// - Parameter nodeCount: how many nodes live, this one included.
    /// - Parameter agreeing: how many agree with the first accuser.
    static func milliseconds(
        base: Int64, longestFactor: Int64, nodeCount: Int, agreeing: Int
    ) -> Int64 {
        let shortest = base * max(10, 3 * Int64(bitCount(nodeCount))) / 10
        let asked = min(3, nodeCount - 2)
        // Two nodes have nobody else to ask: what would settle it is a third one's opinion.
        if asked < 1 { return shortest * 2 }
        let longest = shortest * longestFactor
        let share = permille(min(agreeing, asked), of: asked)
        return longest - (longest - shortest) * share / 1000
    }

    /// log(agreeing + 1) / log(asked + 1) in thousandths, for 1...3 that are asked.
    private static func permille(_ agreeing: Int, of asked: Int) -> Int64 {
        if agreeing <= 0 { return 0 }
        if agreeing >= asked { return 1000 }
        if asked == 2 { return 631 }
        return agreeing == 1 ? 500 : 792
    }

    /// How many binary digits: 0.3 times it is the decimal logarithm closely enough for times.
    static func bitCount(_ value: Int) -> Int {
        Int.bitWidth - max(value, 1).leadingZeroBitCount
    }
}
