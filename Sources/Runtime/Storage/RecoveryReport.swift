import Log

/// What a core has read back at a start, for the operator.
public struct RecoveryReport: Sendable {
    /// What a crash had left behind a log's last whole group.
    public struct Cut: Sendable {
        /// Where the log ends.
        public let at: LogPosition
        /// How many bytes stood behind it, room that was only allocated not counted.
        public let bytes: Int
    }

    /// The core.
    public let core: Int
    /// How many keys the core has now.
    public internal(set) var keyCount = 0
    /// The size of the snapshot that was read; 0 where there is none.
    public internal(set) var snapshotBytes = 0
    /// How many records of the log were applied.
    public internal(set) var records = 0
    /// How many bytes of the log were read.
    public internal(set) var logBytes = 0
    /// What was cut; nil where the log ended cleanly.
    public internal(set) var cut: Cut?

    init(core: Int) {
        self.core = core
    }
}
