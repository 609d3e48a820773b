import Log

/// What brought a data directory to another number of cores.
public struct ReshardingReport: Sendable {
    /// A log that ended torn, and was taken up to there.
    public struct Cut: Sendable {
        /// The core of before.
        public let core: UInt16
        /// Where its log ends.
        public let at: LogPosition
        /// How many bytes stood behind it, room that was only allocated not counted.
        public let bytes: Int
    }

    /// What IDENTITY said before.
    public let old: DataIdentity
    /// What it says now.
    public internal(set) var new: DataIdentity
    /// By core of before, where a crash had left a torn end.
    public internal(set) var cuts: [Cut] = []
    /// How many records of snapshots were copied.
    public internal(set) var snapshotRecordCount = 0
    /// How many records of logs were copied, those that a snapshot has already left out.
    public internal(set) var logRecordCount = 0
    /// How large the files are that were written, in bytes.
    public internal(set) var byteCount: UInt64 = 0
}
