// The repaired data of a core: a snapshot of what was kept of the old one, a log of the records
// that were kept, and the manifest that names both. The folder is not in use yet.

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
    /// A batch is written when it is that large, in bytes.
    private static let batchSize = 1 << 20

    /// Makes the core's folder in `root`, and the first segment.
    init(
        _ identity: FileIdentity, root: String, salt: UInt64, _ storage: inout some RepairStorage
    ) throws {
        self.identity = identity
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
        _ storage: inout some RepairStorage
    ) throws {
        var header = OutputBuffer()
        FileHeader(content, identity, number: number, salt: salt).append(to: &header)
        try storage.create(path(name))
        try storage.append(path(name), header.bytes)
    }

    // MARK: The snapshot, before the log

    mutating func beginSnapshot(_ storage: inout some RepairStorage) throws {
        let salt = nextSalt()
        snapshot = (SnapshotWriter(salt: salt), 0)
        try createFile(.snapshot(1), .snapshot, 1, salt, &storage)
    }

    mutating func appendSlotEnd(
        _ slot: UInt16, _ stamp: UInt64, _ storage: inout some RepairStorage
    ) throws {
        buffer.appendBare(.slotEnd, slot: slot, stamp: stamp)
        if buffer.byteCount >= Self.batchSize { try flushSnapshot(isLast: false, &storage) }
    }

    /// Ends the snapshot; the log's records follow.
    mutating func endSnapshot(_ storage: inout some RepairStorage) throws {
        try flushSnapshot(isLast: true, &storage)
        try storage.sync(path(.snapshot(1)))
        recordCount = 0
    }

    private mutating func flushSnapshot(
        isLast: Bool, _ storage: inout some RepairStorage
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
        inSnapshot: Bool, _ storage: inout some RepairStorage
    ) throws {
        if isInGroup { buffer.endGroup() }
        isInGroup = false
        if buffer.byteCount < Self.batchSize { return }
        if inSnapshot { try flushSnapshot(isLast: false, &storage) } else { try flush(&storage) }
    }

    private mutating func flush(_ storage: inout some RepairStorage) throws {
        if writer.wantsSegment {
            let salt = nextSalt()
            try createFile(
                .segment(writer.nextSegment), .segment, writer.nextSegment, salt, &storage)
            writer.segmentCreated(salt: salt)
        }
        guard let write = writer.beginWrite(&buffer) else { return }
        try storage.append(path(.segment(write.segment)), buffer.content)
        _ = writer.writeCompleted(write.count)
        buffer.removeAll()
    }

    // MARK: The end

    /// Writes what is left and the manifest; all of it is durable then.
    mutating func finish(
        seen: [UInt16: UInt64], _ storage: inout some RepairStorage
    ) throws {
        try flush(&storage)
        let last = writer.hasNext ? writer.nextSegment : writer.position.segment
        for number in 1...last { try storage.sync(path(.segment(number))) }
        var manifest = Manifest(
            identity, firstSegment: 1, synced: writer.position, seen: seen)
        if let snapshot { manifest.snapshot = Manifest.Snapshot(number: 1, size: snapshot.size) }
        var text = OutputBuffer()
        manifest.write(to: &text)
        try storage.create(path(.manifest))
        try storage.append(path(.manifest), text.bytes)
        try storage.sync(path(.manifest))
        try storage.sync(folder)
    }
}
