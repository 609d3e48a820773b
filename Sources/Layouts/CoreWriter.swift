// The data of a core in a new layout: a snapshot of what was copied from old ones, a log of the
// records that were copied, and the manifest that names both. The folder is not in use yet.

import Base
import Log

/// Writes the files of a core in a new layout; see above.
struct CoreWriter: ~Copyable {
    private let identity: FileIdentity
    private let folder: String
    private var writer: LogWriter
    private var buffer = LogBuffer()
    private var isInGroup = false
    private var lastSalt: UInt64
    private var snapshot: (writer: SnapshotWriter, size: UInt64)?
    private(set) var recordCount = 0
    /// How large its files are, in bytes, once it has finished.
    private(set) var byteCount: UInt64 = 0
    /// A batch is written when it is that large, in bytes.
    private let batchSize: Int
    /// The best size of a batch, in bytes: larger ones are not written faster.
    static let batchSizeMax = 1 << 20

    /// Makes the core's folder in `root`, and the first segment.
    init(
        _ identity: FileIdentity, root: String, salt: UInt64, batchSize: Int = batchSizeMax,
        _ storage: inout some LayoutStorage
    ) throws {
        self.identity = identity
        self.batchSize = batchSize
        folder = "\(root)/core-\(identity.core)"
        lastSalt = salt
        writer = LogWriter(segment: 1, salt: salt)
        try storage.makeFolder(folder)
        try createFile(.segment(1), .segment, 1, salt, &storage)
    }

    /// Another one for each file, all from one that was random.
    private mutating func nextSalt() -> UInt64 {
        lastSalt &+= 0x9E37_79B9_7F4A_7C15
        return lastSalt
    }

    private func path(_ name: FileName) -> String { "\(folder)/\(name.text)" }

    private func createFile(
        _ name: FileName, _ content: FileHeader.Content, _ number: UInt32, _ salt: UInt64,
        _ storage: inout some LayoutStorage
    ) throws {
        var header = OutputBuffer()
        FileHeader(content, identity, number: number, salt: salt).append(to: &header)
        try storage.create(path(name))
        try storage.append(path(name), header.bytes)
    }

    // MARK: The snapshot, before the log

    mutating func beginSnapshot(_ storage: inout some LayoutStorage) throws {
        let salt = nextSalt()
        snapshot = (SnapshotWriter(salt: salt), 0)
        try createFile(.snapshot(1), .snapshot, 1, salt, &storage)
    }

    mutating func appendSlotEnd(
        _ slot: UInt16, _ stamp: UInt64, _ storage: inout some LayoutStorage
    ) throws {
        buffer.appendBare(.slotEnd, slot: slot, stamp: stamp)
        if buffer.byteCount >= batchSize { try flushSnapshot(isLast: false, &storage) }
    }

    /// Ends the snapshot; the log's records follow.
    mutating func endSnapshot(_ storage: inout some LayoutStorage) throws {
        try flushSnapshot(isLast: true, &storage)
        try storage.sync(path(.snapshot(1)))
    }

    /// How many records were appended since the last time.
    mutating func takeRecordCount() -> Int {
        defer { recordCount = 0 }
        return recordCount
    }

    private mutating func flushSnapshot(
        isLast: Bool, _ storage: inout some LayoutStorage
    ) throws {
        guard var open = snapshot else { return }
        let bytes = open.writer.place(&buffer, isLast: isLast)
        try storage.append(path(.snapshot(1)), bytes)
        open.size = open.writer.size
        snapshot = open
        buffer.removeAll()
    }

    // MARK: Records

    /// Appends a record of the group that is open, as it is.
    mutating func append(_ record: Record) {
        if !isInGroup { buffer.beginGroup() }
        isInGroup = true
        buffer.appendCopy(of: record)
        recordCount += 1
    }

    /// The group of the records appended last is complete.
    mutating func endGroup(
        inSnapshot: Bool, _ storage: inout some LayoutStorage
    ) throws {
        if isInGroup { buffer.endGroup() }
        isInGroup = false
        if buffer.byteCount < batchSize { return }
        if inSnapshot { try flushSnapshot(isLast: false, &storage) } else { try flush(&storage) }
    }

    private mutating func flush(_ storage: inout some LayoutStorage) throws {
        if writer.wantsSegment {
            let salt = nextSalt()
            try createFile(
                .segment(writer.nextSegment), .segment, writer.nextSegment, salt, &storage)
            writer.segmentCreated(salt: salt)
        }
        guard let write = writer.beginWrite(&buffer) else { return }
        try storage.append(path(.segment(write.segment)), buffer.content)
        byteCount += UInt64(write.count)
        _ = writer.writeCompleted(write.count)
        buffer.removeAll()
    }

    // MARK: The end

    /// Writes what is left and the manifest; all of it is durable then.
    mutating func finish(
        seen: [UInt16: UInt64], _ storage: inout some LayoutStorage
    ) throws {
        try flush(&storage)
        let last = writer.hasNext ? writer.nextSegment : writer.position.segment
        for number in 1...last { try storage.sync(path(.segment(number))) }
        var manifest = Manifest(
            identity, firstSegment: 1, synced: writer.position, seen: seen)
        if let snapshot {
            manifest.snapshot = Manifest.Snapshot(number: 1, size: snapshot.size)
            byteCount += snapshot.size
        }
        var text = OutputBuffer()
        manifest.write(to: &text)
        try storage.create(path(.manifest))
        try storage.append(path(.manifest), text.bytes)
        try storage.sync(path(.manifest))
        try storage.sync(folder)
    }
}
