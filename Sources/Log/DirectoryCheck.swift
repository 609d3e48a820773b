// Everything in a data directory that is not in use, read as a start would read it, changing
// nothing: what `gyre check` reports.

import Base

/// Where the files are; paths begin at the data directory.
public protocol DirectoryStorage {
    /// Appends the names in a folder to `names`; nothing where there is no such folder.
    func list(_ folder: String, into names: inout [String])
    /// Calls `body` with a file's bytes, which live as long as the call, or nil where it cannot be
    /// read.
    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault)
}

/// What one core's files hold.
public struct CoreCheck: Sendable {
    /// The core.
    public let core: UInt16
    /// The segments that are needed.
    public var segments: ClosedRange<UInt32>?
    /// How many records they hold, up to ``end``.
    public var recordCount = 0
    /// Where a start would end the log.
    public var end: LogPosition?
    /// Whether a start would cut something there.
    public var isTorn = false
    /// How many keys the snapshot holds; nil without one.
    public var snapshotKeyCount: Int?
    /// Files that a start would delete.
    public var leftovers: [String] = []
    /// Files that are none of ours.
    public var unknown: [String] = []
}

/// The check of a data directory; see the essay above.
public struct DirectoryCheck {
    /// Whose the directory is; nil where IDENTITY cannot be read.
    public private(set) var identity: DataIdentity?
    /// By core.
    public private(set) var cores: [CoreCheck] = []
    /// What there is beside the layout in use; nil where IDENTITY cannot be read.
    public private(set) var leftovers: DirectoryLeftovers?
    /// Everything that keeps a start from happening. Empty: the data is sound.
    public private(set) var faults: [LogFault] = []

    /// Reads everything.
    public init(_ storage: some DirectoryStorage) {
        do throws(LogFault) {
            let found = try Self.readIdentity(storage)
            identity = found
            leftovers = DirectoryLeftovers(storage, layout: found.layout)
            var scans: [LogScan] = []
            for core in 0..<found.cores { check(core, found, storage, &scans) }
            if faults.isEmpty { try settle(&scans) }
        } catch {
            faults.append(error)
        }
    }

    /// What IDENTITY says.
    ///
    /// - Throws: also where it is missing.
    public static func readIdentity(
        _ storage: some DirectoryStorage
    ) throws(LogFault) -> DataIdentity {
        var identity: DataIdentity?
        try storage.read(DirectoryName.identity) { (bytes) throws(LogFault) in
            guard let bytes else { return }
            identity = try DataIdentity(bytes)
        }
        guard let identity else {
            throw LogFault(file: DirectoryName.identity, offset: 0, .fileMissing)
        }
        return identity
    }

    /// Checks a core, and notes what it finds even if a part of it is damaged.
    private mutating func check(
        _ core: UInt16, _ identity: DataIdentity, _ storage: some DirectoryStorage,
        _ scans: inout [LogScan]
    ) {
        var found = CoreCheck(core: core)
        do throws(LogFault) {
            let manifest = try Self.readManifest(identity.files(ofCore: core), storage)
            let files = try Self.findFiles(manifest, storage)
            found.segments = files.segments
            found.leftovers = files.leftovers.map(\.text)
            found.unknown = files.unknown.map(\.text)
            // Damage in the snapshot does not keep the log from being looked at.
            noteFault { () throws(LogFault) in
                found.snapshotKeyCount = try Self.countKeys(manifest, storage)
            }
            let scan = try Self.scan(files, manifest, storage)
            found.recordCount = scan.recordCount
            found.end = scan.end
            found.isTorn = scan.isTorn
            scans.append(scan)
        } catch {
            faults.append(error)
        }
        cores.append(found)
    }

    private mutating func noteFault(_ body: () throws(LogFault) -> Void) {
        do throws(LogFault) {
            try body()
        } catch {
            faults.append(error)
        }
    }

    /// What the manifest of a core says.
    ///
    /// - Throws: also where it is missing.
    public static func readManifest(
        _ identity: FileIdentity, _ storage: some DirectoryStorage
    ) throws(LogFault) -> Manifest {
        var manifest: Manifest?
        try storage.read(Manifest.path(identity)) { (bytes) throws(LogFault) in
            guard let bytes else { return }
            manifest = try Manifest(bytes, identity)
        }
        guard let manifest else {
            throw LogFault(file: Manifest.path(identity), offset: 0, .fileMissing)
        }
        return manifest
    }

    /// What the files of a core are to its manifest.
    public static func findFiles(
        _ manifest: Manifest, _ storage: some DirectoryStorage
    ) throws(LogFault) -> CoreFiles {
        let identity = manifest.identity
        var names: [String] = []
        storage.list(DirectoryName.core(identity.core, layout: identity.layout), into: &names)
        return try CoreFiles(names.sorted(), manifest)
    }

    /// A core's log, read to its end.
    public static func scan(
        _ files: CoreFiles, _ manifest: Manifest, _ storage: some DirectoryStorage
    ) throws(LogFault) -> LogScan {
        var scan = LogScan(manifest)
        for number in files.segments {
            let path = Manifest.path(.segment(number), manifest.identity)
            try storage.read(path) { (bytes) throws(LogFault) in
                guard let bytes else { throw LogFault(file: path, offset: 0, .fileMissing) }
                try scan.read(bytes)
            }
        }
        try scan.finish()
        return scan
    }

    private static func countKeys(
        _ manifest: Manifest, _ storage: some DirectoryStorage
    ) throws(LogFault) -> Int? {
        guard let snapshot = manifest.snapshot else { return nil }
        let path = Manifest.path(.snapshot(snapshot.number), manifest.identity)
        var count = 0
        try storage.read(path) { (bytes) throws(LogFault) in
            guard let bytes else { throw LogFault(file: path, offset: 0, .fileMissing) }
            var reader = try SnapshotReader(
                front: bytes, fileSize: UInt64(bytes.count), snapshot, manifest.identity)
            reading: while true {
                switch try reader.next(in: bytes, from: 0) {
                case .effect(let record): if record.kind.isPut { count += 1 }
                case .slotEnd: break
                case .more: invariantFailed("a whole file needs no larger window")
                case .end: break reading
                }
            }
        }
        return count
    }

    private mutating func settle(_ scans: inout [LogScan]) throws(LogFault) {
        try Recovery.settleTransactions(&scans)
        for index in scans.indices {
            cores[index].end = scans[index].end
            cores[index].isTorn = scans[index].isTorn
        }
    }
}
