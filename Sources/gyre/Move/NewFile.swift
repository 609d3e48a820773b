import Base
import Glibc

/// A file that appears under its name once it is whole: written beside it with `.new` behind the
/// name, brought to the disk, then renamed. What was there before stays until then.
struct NewFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var isPublished = false

    private var temporaryPath: String { path + ".new" }

    /// - Throws: ``FileError``.
    init(_ path: String) throws(FileError) {
        self.path = path
        unsafe unlink(path + ".new")
        descriptor = unsafe open(
            path + ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw FileError(code: errno) }
    }

    deinit {
        close(descriptor)
        if !isPublished { unsafe unlink(temporaryPath) }
    }

    func write(_ bytes: Bytes) throws(FileError) {
        try FileCalls.write(bytes, to: descriptor)
    }

    /// Gives the file its name; it is on the disk when this returns.
    mutating func publish() throws(FileError) {
        try FileError.check(fsync(descriptor))
        try FileError.check(unsafe rename(temporaryPath, path))
        isPublished = true
        let folder = path.contains("/") ? path.prefix(through: path.lastIndex(of: "/")!) : "."
        try FileCalls.synchronize(String(folder))
    }
}
