import Base
import Glibc
import Layouts
import Log
import Uring

/// A data directory on this machine, for what reads or writes it as a whole. Its steps throw
/// ``FileFault``.
public struct FolderStorage: LayoutStorage {
    private let root: String

    /// The directory at this path.
    public init(root: String) {
        self.root = root
    }

    private func full(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

    /// Nothing where the folder cannot be read.
    public func list(_ folder: String, into names: inout [String]) {
        try? Files.list(full(folder), into: &names)
    }

    /// Calls `body` with the file's bytes, mapped into memory, or nil where there is none.
    public func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        guard let file = try map(path) else { return try body(nil) }
        try body(file.bytes)
    }

    /// Nil where there is no such file. What only cannot be read now is not given up.
    private func map(_ path: String) throws(LogFault) -> MappedFile? {
        do throws(FileFault) {
            return try Files.map(full(path))
        } catch {
            if error.code == ENOENT { return nil }
            throw LogFault(file: path, offset: 0, .unreadable)
        }
    }

    /// A folder that only its owner may enter.
    public func makeFolder(_ path: String) throws { try Files.makeFolder(full(path)) }

    /// Deletes a folder, or a file, with all that is in it.
    public func removeFolder(_ path: String) throws { try Files.removeFolder(full(path)) }

    /// An empty file that only its owner may read.
    public func create(_ path: String) throws {
        let file = try Files.open(full(path), O_WRONLY | O_CREAT | O_TRUNC)
        close(file)
    }

    /// Writes at the file's end.
    public func append(_ path: String, _ bytes: Bytes) throws {
        let file = try Files.open(full(path), O_WRONLY | O_APPEND)
        defer { close(file) }
        try Files.append(bytes, to: file, full(path))
    }

    /// Brings a file's bytes, or a folder's names, to the disk.
    public func sync(_ path: String) throws {
        let file = try Files.open(full(path), O_RDONLY)
        defer { close(file) }
        if fsync(file) != 0 { throw FileFault(path: full(path), code: errno) }
    }

    /// In one step, also where there is a file of the new name.
    public func rename(_ path: String, to name: String) throws {
        if unsafe Glibc.rename(full(path), full(name)) != 0 {
            throw FileFault(path: full(name), code: errno)
        }
    }
}
