import Log

/// A stretch of a file that the repaired data lacks.
public struct LostStretch: Equatable, Sendable {
    /// The file, from the data directory on.
    public var file: String
    /// Where the stretch begins.
    public var offset: UInt64
    /// How long it is, room that was only allocated not counted.
    public var byteCount = 0
    /// How many records of changes could be read in it.
    public var recordCount = 0
    /// How many of its bytes are no records any more.
    public var unreadableByteCount = 0
}

/// Names of keys: the first of them, and how many there are.
public struct KeyList: Sendable {
    /// How many names are kept.
    public static let namesMax = 20

    /// The first, in the order in which they were met.
    public private(set) var names: [[UInt8]] = []
    private var all: Set<[UInt8]> = []

    /// How many keys there are.
    public var count: Int { all.count }

    mutating func insert(_ key: [UInt8]) {
        if !all.insert(key).inserted { return }
        if names.count < Self.namesMax { names.append(key) }
    }

    /// The key is sound after all.
    mutating func remove(_ key: [UInt8]) {
        if all.remove(key) == nil { return }
        names.removeAll { $0 == key }
    }
}

/// What became of a core's data.
public struct CoreRepair: Sendable {
    /// The core.
    public let core: UInt16
    /// What is damaged.
    public internal(set) var faults: [LogFault] = []
    /// How many records of the snapshot were kept, and of the log.
    public internal(set) var snapshotRecordCount = 0
    /// See ``snapshotRecordCount``.
    public internal(set) var logRecordCount = 0
    /// Where the log was cut; nil where all of it was kept.
    public internal(set) var cutAt: LogPosition?
    /// What cannot be read of the snapshot, and what was not applied of the log.
    public internal(set) var lost: [LostStretch] = []
    /// How many slots the snapshot leaves open: keys of theirs may be gone without a trace.
    public internal(set) var uncertainSlotCount = 0
    /// How many records are missing in the snapshot; nil where its end cannot be read either.
    public internal(set) var missingSnapshotRecordCount: Int?
    /// Keys with changes that were not applied: they are older than they were, or not there.
    public internal(set) var staleKeys = KeyList()

    init(core: UInt16) {
        self.core = core
    }
}

/// What a repair did, or found that need not be done.
public struct RepairReport: Sendable {
    /// Faults of the directory itself.
    public internal(set) var faults: [LogFault] = []
    /// By core.
    public internal(set) var cores: [CoreRepair] = []
    /// The layout that was read, and kept as it is.
    public internal(set) var oldLayout: UInt32 = 0
    /// The layout that was written and is in use now; nil where nothing was damaged.
    public internal(set) var newLayout: UInt32?

    /// Everything that is damaged.
    public var allFaults: [LogFault] { faults + cores.flatMap(\.faults) }
}
