import Base

/// Timers and bounds; docs/internals/raft.md says why they are what they are. The timers must be
/// the same on all members: a lease rests on the time-outs of the others.
public struct RaftOptions: Sendable {
    /// A leader sends to everybody at least this often, in milliseconds.
    public var heartbeatInterval: Int64 = 100
    /// Nobody begins an election, or votes, sooner after hearing a leader, in milliseconds.
    public var electionTimeoutMin: Int64 = 1000
    /// Somebody has begun one when so much has passed, in milliseconds.
    public var electionTimeoutMax: Int64 = 2000
    /// By so much a lease is shorter than ``electionTimeoutMin``, in milliseconds: what clocks may
    /// drift apart in one.
    public var leaseMargin: Int64 = 100
    /// A hand-over that takes longer is given up, in milliseconds.
    public var transferTimeout: Int64 = 1000

    /// Entries sent to a follower and not acknowledged by it.
    public var entriesInFlightMax = 256
    /// Bytes of entries, or of a snapshot, in a message; one larger entry goes alone.
    public var bytesPerMessageMax = 65_536
    /// Bytes of a command.
    public var commandSizeMax = 1_048_576
    /// Entries of the log that are not committed.
    public var uncommittedEntriesMax = 1024
    /// Bytes of entries that are not committed.
    public var uncommittedBytesMax = 4_194_304
    /// Reads that wait for their round.
    public var readsMax = 1024
    /// A snapshot is wanted when so many entries have been applied since the last one.
    public var snapshotAfterEntries = 4096
    /// Entries kept behind a snapshot, for followers that are a little late.
    public var entriesKeptMax = 1024
    /// Bytes of a snapshot's state.
    public var snapshotSizeMax = 67_108_864
    /// Entries that a learner may lack when it is promoted.
    public var promotionLagMax = 64

    /// The defaults.
    public init() {}

    /// How long a lease lasts from the beginning of its round, in milliseconds.
    var leaseDuration: Int64 { electionTimeoutMin - leaseMargin }

    func check() {
        invariant(heartbeatInterval > 0, "time passes between heartbeats")
        invariant(heartbeatInterval < leaseDuration, "a lease outlives a heartbeat")
        invariant(leaseMargin >= 0, "a lease is not longer than a time-out")
        invariant(electionTimeoutMin < electionTimeoutMax, "time-outs are spread")
        invariant(transferTimeout > 0, "a hand-over takes time")
        invariant(entriesInFlightMax > 0, "entries can be sent")
        invariant(bytesPerMessageMax > 0, "a message has bytes")
        invariant(entriesKeptMax >= 0, "a count is not negative")
        invariant(snapshotAfterEntries > 0, "there is something between snapshots")
    }
}
