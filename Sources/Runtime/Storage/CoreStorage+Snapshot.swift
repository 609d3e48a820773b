import Base
import Glibc
import Log
import Node

/// A snapshot's file while it is under way.
struct OpenSnapshot: Sendable {
    let number: UInt32
    let salt: UInt64
    let file: Int32
    /// Bytes that no sync covers.
    var unsyncedBytes: UInt64 = 0
    /// How much the last write took.
    var lastWrite = 0
    /// A manifest that names it was written, or may have been.
    var mayBeNamed = false
}

// Each is called on a thread beside the loop.
extension CoreStorage {
    private func path(_ number: UInt32) -> String {
        "\(folder)/\(FileName.snapshot(number).text)"
    }

    /// Creates a snapshot's file under the name that it has while it grows.
    func createSnapshot() throws(FileFault) -> OpenSnapshot {
        var random = SystemRandomNumberGenerator()
        let salt: UInt64 = random.next()
        let number = nextSnapshot
        var header = OutputBuffer()
        FileHeader(.snapshot, identity, number: number, salt: salt).append(to: &header)
        let file = try Files.begin(folder, FileName.snapshot(number).text, header.bytes)
        return OpenSnapshot(number: number, salt: salt, file: file)
    }

    /// Syncs the snapshot's file and gives it its name.
    func closeSnapshot() throws(FileFault) {
        guard let snapshot else { invariantFailed("a snapshot that is closed was created") }
        try Files.publish(snapshot.file, folder, FileName.snapshot(snapshot.number).text)
    }

    /// Has the manifest name the snapshot, and deletes what it does not name any more.
    ///
    /// - Returns: the new manifest.
    func installSnapshot(_ plan: SnapshotPlan) throws(FileFault) -> Manifest {
        guard let snapshot else { invariantFailed("a snapshot that is installed was created") }
        let new = Manifest(
            identity, firstSegment: plan.firstSegment, synced: plan.synced,
            snapshot: Manifest.Snapshot(number: snapshot.number, size: plan.size),
            seen: plan.seen)
        var text = OutputBuffer()
        new.write(to: &text)
        try Files.replace(folder, FileName.manifest.text, by: text.bytes)
        close(snapshot.file)
        // What stays in spite of it is deleted by the next start.
        for number in manifest.firstSegment..<max(new.firstSegment, manifest.firstSegment) {
            try? Files.remove("\(folder)/\(FileName.segment(number).text)")
        }
        if let old = manifest.snapshot { try? Files.remove(path(old.number)) }
        try? Files.sync(folder: folder)
        return new
    }

    /// Closes and deletes what there is of a snapshot, but for one that a manifest may name.
    func drop(_ snapshot: OpenSnapshot) {
        Files.drop(snapshot.file, folder, FileName.snapshot(snapshot.number).text)
        if !snapshot.mayBeNamed { unsafe unlink(path(snapshot.number)) }
    }
}
