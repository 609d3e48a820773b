import Base

/// How long a node waits and how much it remembers. The defaults and their reasons are in
/// docs/internals/gossip.md, "Detecting". All times are milliseconds.
public struct GossipOptions: Sendable, BitwiseCopyable {
    /// From one probe to the next; local health multiplies it, as the next two.
    public var probeInterval: Int64 = 100
    /// A ping that is not answered after this is repeated, and others are asked to ping.
    public var directTimeout: Int64 = 150
    /// A probe that is not answered after this has failed.
    public var probeTimeout: Int64 = 350
    /// The same for a probe on account of somebody else's suspicion or a broken connection, which
    /// asks others at once.
    public var urgentTimeout: Int64 = 250
    /// How many others are asked to ping.
    public var proxyCount = 3
    /// A proxy that has no answer after this says so.
    public var nackDelay: Int64 = 120
    /// The shortest suspicion among up to ten nodes.
    public var suspicionTime: Int64 = 400
    /// How many times longer a suspicion lasts that nobody shares.
    public var suspicionFactor: Int64 = 3
    /// From one ping of a suspect by its accuser to the next.
    public var suspectPingInterval: Int64 = 50
    /// How many suspects a node pings like that.
    public var suspectPingsMax = 8
    /// From one round of rumours to the next.
    public var gossipInterval: Int64 = 100
    /// How long news waits for more news when no round was sent of late.
    public var gossipDelay: Int64 = 10
    /// How many members a round of rumours is sent to.
    public var gossipFanout = 3
    /// From one exchange of tables to the next, when nothing is found.
    public var exchangeInterval: Int64 = 10_000
    /// The same after an exchange that brought news.
    public var exchangeAgain: Int64 = 1_000
    /// How many datagrams one side sends in an exchange.
    public var pagesMax = 16
    /// From one attempt to reach a dead member to the next.
    public var contactInterval: Int64 = 2_000
    /// From one attempt to join to the next.
    public var joinInterval: Int64 = 500
    /// From one sync with a seed that is no living member to the next.
    public var seedInterval: Int64 = 30_000
    /// How long the dead are remembered.
    public var memoryOfDead: Int64 = 24 * 3_600_000
    /// How long a leaving node goes on telling.
    public var leaveTime: Int64 = 500
    /// A call so much later than it was asked for means that this process stood still.
    public var stallMin: Int64 = 150
    /// The most members, the dead included.
    public var membersMax = 4_096

    /// The defaults.
    public init() {}

    /// Checks that the times fit together.
    public func checkInvariants() {
        invariant(probeInterval > 0, "time passes between probes")
        invariant(directTimeout < probeTimeout, "proxies are asked before a probe fails")
        invariant(nackDelay < probeTimeout - directTimeout, "a nack can come in time")
        invariant(nackDelay < urgentTimeout, "a nack can come in time")
        invariant(suspectPingInterval > 0, "time passes between pings")
        invariant(gossipInterval > 0, "time passes between rumours")
        invariant(exchangeAgain > 0, "time passes between exchanges")
        invariant(contactInterval > 0, "time passes between contacts")
        invariant(joinInterval > 0, "time passes between attempts")
        invariant(membersMax > 0, "there is room for a member")
    }
}
