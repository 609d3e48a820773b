import Base
import Foundation
import Glibc
import Log
import Repair
import Uring

/// A data directory on this machine.
struct FolderStorage: RepairStorage {
    let root: String

    private func full(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

    func list(_ folder: String, into names: inout [String]) {
        let found = try? FileManager.default.contentsOfDirectory(atPath: full(folder))
        names += found ?? []
    }

    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        guard let file = try map(path) else { return try body(nil) }
        try body(file.bytes)
    }

    /// Nil where there is no such file. What only cannot be read now is not given up.
    private func map(_ path: String) throws(LogFault) -> MappedFile? {
        do throws(SystemError) {
            return try MappedFile(full(path))
        } catch {
            if error.code == ENOENT { return nil }
            throw LogFault(file: path, offset: 0, .unreadable)
        }
    }

    func makeFolder(_ path: String) throws {
        try FileError.check(unsafe mkdir(full(path), 0o700))
    }

    func removeFolder(_ path: String) throws {
        if FileManager.default.fileExists(atPath: full(path)) {
            try FileManager.default.removeItem(atPath: full(path))
        }
    }

    func create(_ path: String) throws {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let file = unsafe open(full(path), flags, 0o600)
        try FileError.check(file)
        close(file)
    }

    func append(_ path: String, _ bytes: Bytes) throws {
        let file = unsafe open(full(path), O_WRONLY | O_APPEND | O_CLOEXEC)
        try FileError.check(file)
        defer { close(file) }
        try FileCalls.write(bytes, to: file)
    }

    func sync(_ path: String) throws { try FileCalls.synchronize(full(path)) }

    func rename(_ path: String, to name: String) throws {
        try FileError.check(unsafe Glibc.rename(full(path), full(name)))
    }
}
