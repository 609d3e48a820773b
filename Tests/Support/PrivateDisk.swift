import Foundation
import Glibc

/// A disk of a test's own: a small file system in a mount namespace, which only programs started by
/// ``launcher`` see. The kernel unmounts it when the last of them ends, however the test does.
public final class PrivateDisk {
    /// What the file system is.
    public enum Kind: Sendable {
        /// In memory, of this size in MiB.
        case memory(Int)
        /// In a file, on a loop device, of this size in MiB; the superuser's alone. An error that
        /// the kernel finds there makes it read-only.
        case file(Int)
    }

    /// This machine lets the test mount nothing.
    public struct Unavailable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where it is mounted, for programs started by ``launcher``.
    public let path: String
    /// The words before a command line that is to see it.
    public let launcher: [String]
    private let directory: TemporaryDirectory
    private let holder: ChildProcess

    /// Mounts it.
    ///
    /// - Throws: ``Unavailable``, with what the tools said.
    public init(_ kind: Kind) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "disk")
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        self.directory = directory
        self.path = path
        // Within 20 minutes it ends by itself, should the test not live to end it.
        let mount =
            switch kind {
            case .memory(let size): "mount -t tmpfs -o size=\(size)m,mode=700 gyre-test '\(path)'"
            case .file(let size):
                """
                truncate -s \(size)M '\(path).image' \
                && mkfs.ext4 -q -F -m 0 -e remount-ro '\(path).image' \
                && mount -o loop '\(path).image' '\(path)'
                """
            }
        let script = "\(mount) && touch '\(path)/mounted' && exec sleep 1200"
        // The superuser needs no user namespace, and may be kept from making one.
        let ways = geteuid() == 0 ? [["-m"], ["-m", "-r"]] : [["-m", "-r"]]
        var said = ""
        for way in ways {
            let holder = try ChildProcess(
                executable: "unshare", arguments: way + ["sh", "-c", script],
                directory: directory.url.path, input: "/dev/null",
                output: directory.path(of: "stdout"), errors: directory.path(of: "stderr"))
            let mark = "/proc/\(holder.pid)/root\(path)/mounted"
            _ = Deadline.wait(seconds: 20) {
                !holder.isRunning || FileManager.default.fileExists(atPath: mark)
            }
            if holder.isRunning, FileManager.default.fileExists(atPath: mark) {
                self.holder = holder
                let user = way.count > 1 ? ["-U", "--preserve-credentials"] : []
                launcher = ["nsenter", "-t", "\(holder.pid)"] + user + ["-m"]
                unsafe unlink(outside("mounted"))
                return
            }
            holder.send(signal: SIGKILL)
            said += "unshare \(way.joined(separator: " ")): \(directory.text(of: "stderr"))"
        }
        throw Unavailable(
            description: "This machine lets a test mount nothing, so a full and a read-only disk "
                + "cannot be tried: \(said)")
    }

    deinit { holder.send(signal: SIGKILL) }

    /// A path on the disk as this process sees it.
    public func outside(_ name: String) -> String { "/proc/\(holder.pid)/root\(path)/\(name)" }

    /// Runs a tool that sees the disk.
    public func run(_ words: [String]) throws -> ToolResult { try Tool.run(launcher + words) }

    /// Takes all room that there is.
    public func fill() throws {
        let file = unsafe open(outside("filler"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ServerFailure("cannot fill \(path): error \(errno)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 1 << 20)
        var size = block.count
        while size > 0 {
            if unsafe write(file, block, size) < size { size /= 2 }
        }
        fsync(file)
    }

    /// Gives the room back that ``fill()`` took.
    public func free() { unsafe unlink(outside("filler")) }

    /// Gives back a part of the room that ``fill()`` took, in bytes.
    public func free(_ count: Int) throws {
        var status = stat()
        guard unsafe stat(outside("filler"), &status) == 0,
            unsafe truncate(outside("filler"), max(0, Int(status.st_size) - count)) == 0
        else { throw ServerFailure("cannot free room on \(path): error \(errno)") }
    }

    /// Has the kernel find an error on a disk of ``Kind/file(_:)``: it becomes read-only.
    public func breakDown() throws {
        let script = """
            device=$(findmnt -n -o SOURCE '\(path)') \
            && echo test > "/sys/fs/ext4/$(basename "$device")/trigger_fs_error"
            """
        try expectSuccess(try run(["sh", "-c", script]))
    }

    /// Unmounts it when nothing uses it, repairs it as the operator would, and mounts it again.
    public func mend() throws {
        let script = """
            umount '\(path)' && { fsck.ext4 -p -f '\(path).image'; [ $? -lt 4 ]; } \
            && mount -o loop '\(path).image' '\(path)'
            """
        try expectSuccess(try run(["sh", "-c", script]))
    }

    private func expectSuccess(_ result: ToolResult) throws {
        if result.status != 0 { throw ServerFailure("\(result.output)\n\(result.errors)") }
    }
}
