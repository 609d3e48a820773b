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
    let identity: FileIdentity
    private(set) var segments: [OpenSegment] = []

    init(folder: String, identity: FileIdentity) {
        self.folder = folder
        self.identity = identity
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
