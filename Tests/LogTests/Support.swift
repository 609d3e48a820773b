import Base
import TestSupport
import Testing

@testable import Log

let node = NodeBits("00112233445566778899aabbccddeeff01234567")!

func identity(core: UInt16 = 1, cores: UInt16 = 2) -> FileIdentity {
    FileIdentity(node: node, layout: 1, core: core, cores: cores)
}

func array(_ bytes: Bytes) -> [UInt8] {
    unsafe [UInt8](bytes.buffer)
}

func written(_ body: (inout OutputBuffer) -> Void) -> [UInt8] {
    var output = OutputBuffer()
    body(&output)
    return array(output.bytes)
}

func header(segment: UInt32, salt: UInt64, _ identity: FileIdentity) -> [UInt8] {
    written { FileHeader(.segment, identity, number: segment, salt: salt).append(to: &$0) }
}

extension LogBuffer {
    mutating func put(_ key: String, _ value: String, slot: UInt16, stamp: UInt64) {
        withBytes(Array(key.utf8)) { key in
            withBytes(Array(value.utf8)) { value in
                putString(slot, stamp, key, value, deadline: nil)
            }
        }
    }
}

/// What of a record must come back: everything but where it stood.
struct Content: Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    init(_ record: Record) {
        bytes = Array(array(record.bytes).dropFirst(8))
    }

    var description: String { String(decoding: bytes, as: UTF8.self) }

    var slot: UInt16 { UInt16(bytes[6]) | UInt16(bytes[7]) << 8 }
}

extension [Content] {
    /// Ordered by slot, and as before within each: what a replay may change of the order.
    var bySlot: [Content] {
        enumerated().sorted { ($0.element.slot, $0.offset) < ($1.element.slot, $1.offset) }
            .map(\.element)
    }
}

/// A core's log on a disk that keeps what was not synced apart, driven as a node would drive it.
struct LogMachine: ~Copyable {
    struct PendingWrite {
        var segment: UInt32
        var offset: Int
        var bytes: [UInt8]
    }

    let identity: FileIdentity
    var writer: LogWriter
    var buffer = LogBuffer()
    /// What a crash leaves for certain.
    var durable: [UInt32: [UInt8]]
    /// In the order of the writes.
    var pending: [PendingWrite] = []
    /// Every effect that was written, in order, and where its batch ends.
    var history: [(content: Content, end: LogPosition)] = []
    private var nextSalt: UInt64

    init(_ identity: FileIdentity, segment: UInt32 = 1, segmentSizeMax: UInt32 = 1 << 20) {
        self.identity = identity
        nextSalt = 0xABCD_0001 &+ UInt64(identity.core) << 32
        writer = LogWriter(
            segment: segment, salt: nextSalt, segmentSizeMax: segmentSizeMax)
        durable = [segment: header(segment: segment, salt: nextSalt, identity)]
    }

    /// The end of a turn: a batch of what the buffer holds is written.
    mutating func turn() {
        if writer.wantsSegment {
            nextSalt &+= 1
            let number = writer.nextSegment
            durable[number] = header(segment: number, salt: nextSalt, identity)
            writer.segmentCreated(salt: nextSalt)
        }
        guard let write = writer.beginWrite(&buffer) else { return }
        let bytes = array(buffer.content)
        #expect(bytes.count == write.count)
        pending.append(
            PendingWrite(segment: write.segment, offset: Int(write.offset), bytes: bytes))
        note(bytes)
        buffer.removeAll()
        #expect(writer.writeCompleted(write.count) == .done)
        writer.checkInvariants()
    }

    private mutating func note(_ batch: [UInt8]) {
        withBytes(batch) { batch in
            var place = 0
            while place < batch.count {
                let length = Int(batch.integer(at: place + 8, UInt32.self))
                let record = Record(
                    checked: batch.slice(place, place + RecordLayout.span(length)))
                if record.kind.isEffect {
                    history.append((Content(record), writer.position))
                }
                place += RecordLayout.span(length)
            }
        }
    }

    mutating func sync() {
        guard let segments = writer.beginSync() else { return }
        for write in pending {
            #expect(segments.contains(write.segment))
            Self.apply(write, to: &durable)
        }
        pending.removeAll()
        writer.syncCompleted(true)
        writer.checkInvariants()
    }

    static func apply(_ write: PendingWrite, to files: inout [UInt32: [UInt8]]) {
        let end = write.offset + write.bytes.count
        while files[write.segment]!.count < end { files[write.segment]!.append(0) }
        files[write.segment]!.replaceSubrange(write.offset..<end, with: write.bytes)
    }

    /// As if everything had reached the disk.
    func allFiles() -> [UInt32: [UInt8]] {
        var files = durable
        for write in pending { Self.apply(write, to: &files) }
        return files
    }

    /// How many effects are surely on disk.
    var syncedCount: Int { history.count { $0.end <= writer.synced } }
}

/// What recovery makes of a core's files.
struct Recovered {
    var scan: LogScan
    var effects: [Content] = []

    init(_ files: [UInt32: [UInt8]], _ manifest: Manifest) throws {
        scan = LogScan(manifest)
        for number in files.keys.sorted() {
            try withBytes(files[number]!) { bytes throws(LogFault) in try scan.read(bytes) }
        }
        try scan.finish()
    }

    /// After transactions are settled.
    mutating func replay(_ files: [UInt32: [UInt8]]) throws {
        for number in files.keys.sorted() {
            try withBytes(files[number]!) { bytes throws(LogFault) in
                var replay = try SegmentReplay(bytes, segment: number, scan)
                while let record = replay.next() { effects.append(Content(record)) }
            }
        }
    }
}

func recover(_ files: [UInt32: [UInt8]], _ manifest: Manifest) throws -> Recovered {
    var recovered = try Recovered(files, manifest)
    try recovered.replay(files)
    return recovered
}

func manifest(_ identity: FileIdentity, firstSegment: UInt32 = 1) -> Manifest {
    Manifest(
        identity, firstSegment: firstSegment,
        synced: LogPosition(segment: firstSegment, offset: UInt32(FileHeader.size)))
}
