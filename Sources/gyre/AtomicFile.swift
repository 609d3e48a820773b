import Base
import Foundation
import Glibc

/// A system call on a file failed; reads as the C library's words for it.
struct FileError: Error, CustomStringConvertible {
    let code: Int32

    var description: String { unsafe String(cString: strerror(code)) }

    /// Takes what a system call returned.
    static func check(_ result: some BinaryInteger) throws(FileError) {
        if result < 0 { throw FileError(code: errno) }
    }
}

/// System calls that several kinds of files need.
enum FileCalls {
    /// Brings a file's bytes, or the names in a folder, to the disk: what was renamed into the
    /// folder is then found after a crash.
    static func synchronize(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        try FileError.check(descriptor)
        defer { close(descriptor) }
        try FileError.check(fsync(descriptor))
    }

    /// Writes all bytes where an open file stands.
    static func write(_ bytes: Bytes, to descriptor: Int32) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.slice(written, bytes.count)
            let count = unsafe Glibc.write(descriptor, rest.start, rest.count)
            if count < 0, errno == EINTR { continue }
            try FileError.check(count)
            written += count
        }
    }
}

/// Files that are replaced as a whole.
enum AtomicFile {
    private static let lock = NSLock()

    /// Puts `content` in the place of the file at `path`, if there is one. Durable when it returns:
    /// the new file is on disk before it takes the old one's name, and so is the name.
    ///
    /// The file keeps its mode and, where this process may see to it, its owner. Where `path` is a
    /// symbolic link, what it leads to is replaced.
    ///
    /// - Throws: ``FileError``; the old file is then as it was.
    static func replace(_ path: String, by content: [UInt8]) throws {
        try lock.withLock {
            let target = URL(filePath: path).resolvingSymlinksInPath()
            let directory = target.deletingLastPathComponent()
            let temporary = directory.appending(
                path: ".\(target.lastPathComponent).\(getpid()).new")
            do {
                try write(content, to: temporary.path, like: target.path)
                try FileError.check(unsafe rename(temporary.path, target.path))
            } catch {
                unsafe unlink(temporary.path)
                throw error
            }
            try FileCalls.synchronize(directory.path)
        }
    }

    private static func write(_ content: [UInt8], to path: String, like old: String) throws {
        var status = stat()
        let hasOld = unsafe stat(old, &status) == 0
        // It may hold a password.
        let mode = hasOld ? status.st_mode & 0o777 : 0o600
        unsafe unlink(path)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = unsafe open(path, flags, mode)
        try FileError.check(file)
        defer { close(file) }
        // Only the superuser gives files away; anybody else owns the old one or does not mind.
        if hasOld { _ = fchown(file, status.st_uid, status.st_gid) }
        try FileError.check(fchmod(file, mode))
        try unsafe content.withUnsafeBytes { try FileCalls.write(unsafe Bytes($0), to: file) }
        try FileError.check(fsync(file))
    }
}
