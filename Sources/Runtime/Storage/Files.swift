import Base
import Glibc
import Settings
import Uring

/// A file or folder could not be used: which, and the kernel's reason.
public struct FileFault: Error {
    /// The path as it was given.
    public let path: String
    /// The kernel's `errno`.
    public let code: Int32

    /// The kernel's words for it.
    public var reason: String { SystemError.message(code) }
}

extension FileFault: CustomStringConvertible {
    public var description: String { reason }
}

extension StartupObstacle {
    /// A file of the data directory at `directory` could not be used.
    init(_ fault: FileFault, in directory: String) {
        switch fault.code {
        case EROFS: self = .dataReadOnly(path: directory)
        case ENOSPC, EDQUOT: self = .dataWithoutRoom(path: directory, reason: fault.reason)
        default: self = .dataUnusable(path: fault.path, reason: fault.reason)
        }
    }
}

/// System calls on whole files, each durable when it returns.
enum Files {
    /// Makes a folder that only its owner may enter; nothing where there is one.
    static func makeFolder(_ path: String) throws(FileFault) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw FileFault(path: path, code: errno)
        }
    }

    /// Appends the names in a folder.
    static func list(_ path: String, into names: inout [String]) throws(FileFault) {
        guard let folder = unsafe opendir(path) else { throw FileFault(path: path, code: errno) }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// A file's bytes, mapped into memory.
    ///
    /// - Throws: also where there is no such file.
    static func map(_ path: String) throws(FileFault) -> MappedFile {
        do throws(SystemError) {
            return try MappedFile(path)
        } catch {
            throw FileFault(path: path, code: error.code)
        }
    }

    /// Puts `bytes` under `name`, as a whole or not at all: written beside it, synced, renamed, the
    /// folder synced.
    static func replace(_ folder: String, _ name: String, by bytes: Bytes) throws(FileFault) {
        let file = try create(folder, name, bytes, roomFor: 0)
        close(file)
    }

    /// As ``replace(_:_:by:)``, and returns the file, open for writing, with room for `size` bytes
    /// where that is more.
    static func create(
        _ folder: String, _ name: String, _ bytes: Bytes, roomFor size: Int
    ) throws(FileFault) -> Int32 {
        let file = try begin(folder, name, bytes, roomFor: size)
        do throws(FileFault) {
            try publish(file, folder, name)
        } catch {
            drop(file, folder, name)
            throw error
        }
        return file
    }

    /// A new file that is not under its name yet, open for writing, with its first bytes.
    static func begin(
        _ folder: String, _ name: String, _ bytes: Bytes, roomFor size: Int = 0
    ) throws(FileFault) -> Int32 {
        let fresh = freshPath(folder, name)
        unsafe unlink(fresh)
        let file = try open(fresh, O_RDWR | O_CREAT | O_EXCL)
        do throws(FileFault) {
            if size > bytes.count {
                let code = posix_fallocate(file, 0, size)
                if code != 0 { throw FileFault(path: fresh, code: code) }
            }
            try write(bytes, to: file, at: 0, fresh)
        } catch {
            drop(file, folder, name)
            throw error
        }
        return file
    }

    /// Syncs a file that was begun and gives it its name.
    static func publish(_ file: Int32, _ folder: String, _ name: String) throws(FileFault) {
        let (fresh, path) = (freshPath(folder, name), "\(folder)/\(name)")
        if fsync(file) != 0 { throw FileFault(path: fresh, code: errno) }
        if unsafe rename(fresh, path) != 0 { throw FileFault(path: path, code: errno) }
        try sync(folder: folder)
    }

    /// Closes a file that was begun, and deletes it if it is not under its name.
    static func drop(_ file: Int32, _ folder: String, _ name: String) {
        close(file)
        unsafe unlink(freshPath(folder, name))
    }

    private static func freshPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).new"
    }

    /// Writes all of `bytes` at an offset of an open file.
    static func write(
        _ bytes: Bytes, to file: Int32, at offset: Int, _ path: String
    ) throws(FileFault) {
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(file, bytes.start + done, bytes.count - done, offset + done)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw FileFault(path: path, code: count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    /// Writes all of `bytes` where an open file stands.
    static func append(_ bytes: Bytes, to file: Int32, _ path: String) throws(FileFault) {
        var done = 0
        while done < bytes.count {
            let count = unsafe Glibc.write(file, bytes.start + done, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw FileFault(path: path, code: count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    /// Opens a file, which is closed in programs that this process starts.
    static func open(_ path: String, _ flags: Int32) throws(FileFault) -> Int32 {
        let file = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        if file < 0 { throw FileFault(path: path, code: errno) }
        return file
    }

    /// Makes the names in a folder durable.
    static func sync(folder: String) throws(FileFault) {
        let descriptor = try open(folder, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw FileFault(path: folder, code: errno) }
    }

    /// Deletes a file; the folder is still to be synced.
    static func remove(_ path: String) throws(FileFault) {
        if unsafe unlink(path) != 0, errno != ENOENT { throw FileFault(path: path, code: errno) }
    }

    /// Deletes a folder, or a file, with all that is in it; nothing where there is none. The folder
    /// that it stood in is still to be synced.
    static func removeFolder(_ path: String) throws(FileFault) {
        if unsafe unlink(path) == 0 || errno == ENOENT { return }
        if errno != EISDIR { throw FileFault(path: path, code: errno) }
        var names: [String] = []
        try list(path, into: &names)
        for name in names { try removeFolder("\(path)/\(name)") }
        if unsafe rmdir(path) != 0 { throw FileFault(path: path, code: errno) }
    }
}
