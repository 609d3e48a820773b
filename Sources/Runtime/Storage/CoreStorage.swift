import Base
import Glibc
import Log

/// A segment of a core's log, open for writing.
struct OpenSegment: Sendable {
    let number: UInt32
    let salt: UInt64
    let file: Int32
}

/// A core's folder, and the segments of its log that are written to or synced.
///
/// Owned by the core's loop; ``create(_:)`` may be called on another thread.
struct CoreStorage: Sendable {
    let folder: String
    /// What is needed to read the core's state back.
    private(set) var manifest: Manifest
    private(set) var segments: [OpenSegment] = []
    /// The snapshot that is under way.
    var snapshot: OpenSnapshot?
    /// The number of the next one. None is used twice: a manifest might name it.
    private(set) var nextSnapshot: UInt32

    var identity: FileIdentity { manifest.identity }

    init(folder: String, manifest: Manifest) {
        self.folder = folder
        self.manifest = manifest
        nextSnapshot = (manifest.snapshot?.number ?? 0) + 1
    }

    /// What a segment is given of the disk beforehand, in bytes: its largest size, and room for the
    /// batch that goes over it.
    private static let segmentRoom = 72 << 20

    /// Creates a segment, durable with its header and its name.
    func create(_ number: UInt32) throws(FileFault) -> OpenSegment {
        var random = SystemRandomNumberGenerator()
        let salt: UInt64 = random.next()
        var header = OutputBuffer()
        FileHeader(.segment, identity, number: number, salt: salt).append(to: &header)
        let file = try Files.create(
            folder, FileName.segment(number).text, header.bytes, roomFor: Self.segmentRoom)
        return OpenSegment(number: number, salt: salt, file: file)
    }

    mutating func add(_ segment: OpenSegment) { segments.append(segment) }

    /// The snapshot under way is a part of the state.
    mutating func install(_ manifest: Manifest) {
        self.manifest = manifest
        forgetSnapshot()
    }

    /// The snapshot under way is no more.
    mutating func forgetSnapshot() {
        if let snapshot { nextSnapshot = snapshot.number + 1 }
        snapshot = nil
    }

    /// The file of a segment that is written to.
    func file(of number: UInt32) -> Int32 {
        guard let segment = segments.first(where: { $0.number == number }) else {
            invariantFailed("a segment that is written to is open")
        }
        return segment.file
    }

    /// Closes segments that nothing is written to any more.
    mutating func closeSegments(before number: UInt32) {
        for segment in segments where segment.number < number { close(segment.file) }
        segments.removeAll { $0.number < number }
    }
}
