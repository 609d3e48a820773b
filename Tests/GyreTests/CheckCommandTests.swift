import Base
import Foundation
import Glibc
import Log
import Testing

/// `gyre check` on real folders.
@Suite struct CheckCommandTests {
    private let root = FileManager.default.temporaryDirectory
        .appending(path: "gyre-check-\(UUID().uuidString)")
    private let identity = DataIdentity(
        node: NodeBits(high: 1, middle: 2, low: 3), layout: 1, cores: 1, starts: 1)

    private func write(_ path: String, _ body: (inout OutputBuffer) -> Void) throws {
        var output = OutputBuffer()
        body(&output)
        let data = unsafe Data(output.bytes.buffer)
        try data.write(to: root.appending(path: path))
    }

    /// A directory of one core with three records, the second of them synced for sure.
    private func makeDirectory() throws {
        let files = identity.files(ofCore: 0)
        let folder = root.appending(path: DirectoryName.core(0, layout: 1))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(DirectoryName.lock) { _ in }
        try write(DirectoryName.identity) { identity.write(to: &$0) }
        let start = LogPosition(segment: 1, offset: UInt32(FileHeader.size))
        try write(Manifest.path(files)) {
            Manifest(files, firstSegment: 1, synced: start).write(to: &$0)
        }
        try write(Manifest.path(.segment(1), files)) { output in
            FileHeader(.segment, files, number: 1, salt: 5).append(to: &output)
            var writer = LogWriter(segment: 1, salt: 5)
            var buffer = LogBuffer()
            for number in 1...3 {
                buffer.putString(1, UInt64(number), Bytes("key"), Bytes("value"), deadline: nil)
                guard let write = writer.beginWrite(&buffer) else { return }
                output.append(buffer.content)
                _ = writer.writeCompleted(write.count)
                buffer.removeAll()
                guard writer.beginSync() != nil else { return }
                writer.syncCompleted(true)
            }
        }
    }

    @Test func soundDamagedAndInUse() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try makeDirectory()
        let sound = try GyreProgram.run(["check", root.path])
        #expect(sound.exitCode == 0)
        #expect(
            sound.standardOutput == """
                Node 0000000000000001000000000000000200000003, 1 cores, started 1 times
                Core 0: log of 6 records in segments 1 to 1, ends at 1:304
                The data is sound.

                """)

        let segment = root.appending(path: Manifest.path(.segment(1), identity.files(ofCore: 0)))
        var bytes = try Data(contentsOf: segment)
        bytes[130] ^= 1
        try bytes.write(to: segment)
        let damaged = try GyreProgram.run(["check", root.path])
        #expect(damaged.exitCode == EX_DATAERR)
        #expect(
            damaged.standardOutput.contains(
                "DAMAGE layout-1/core-0/00000001.log at 96: the record's checksum is wrong"))
        #expect(try Data(contentsOf: segment) == bytes)

        let lock = unsafe open(root.appending(path: DirectoryName.lock).path, O_RDONLY)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX) == 0)
        #expect(try GyreProgram.run(["check", root.path]).exitCode == EX_TEMPFAIL)
    }

    /// What interruptions leave beside the layout in use is named, and is no damage.
    @Test func otherLayoutsAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try makeDirectory()
        for name in ["layout-2.new/core-0", "layout-3/core-0"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: name), withIntermediateDirectories: true)
        }
        let outcome = try GyreProgram.run(["check", root.path])
        #expect(outcome.exitCode == 0)
        #expect(
            outcome.standardOutput.hasSuffix(
                """
                layout-2.new: unfinished, left by an interruption: a start deletes it
                layout-3: not in use: a start deletes it
                The data is sound.

                """), "\(outcome.standardOutput)")
    }

    @Test func aFolderThatIsNoDataDirectory() throws {
        let outcome = try GyreProgram.run(["check", "/nonexistent"])
        #expect(outcome.exitCode == EX_DATAERR)
        #expect(outcome.standardOutput.contains("IDENTITY at 0: the file is missing"))
    }
}
