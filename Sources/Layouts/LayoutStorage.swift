import Base
import Log

/// Where the files are, for what writes a new layout; paths begin at the data directory, which
/// is "".
///
/// A step that cannot be done is thrown. What is behind a `sync` is durable before the steps after
/// it; nothing else is promised.
public protocol LayoutStorage: DirectoryStorage {
    /// Makes a folder that was not there.
    mutating func makeFolder(_ path: String) throws
    /// Deletes a folder with all that is in it; nothing where there is none.
    mutating func removeFolder(_ path: String) throws
    /// Makes an empty file, in place of one of that name.
    mutating func create(_ path: String) throws
    /// Appends to a file that was created.
    mutating func append(_ path: String, _ bytes: Bytes) throws
    /// Makes a file's bytes, or a folder's names, durable.
    mutating func sync(_ path: String) throws
    /// Gives a file or a folder another name, in place of a file of that name.
    mutating func rename(_ path: String, to name: String) throws
}

extension LayoutStorage {
    /// Calls `body` with a file's bytes, nil where it is not there, and the storage to write to.
    mutating func withFile(
        _ path: String, _ body: (Bytes?, inout Self) throws -> Void
    ) throws {
        var failure: (any Error)?
        let reader = self
        try reader.read(path) { bytes in
            do { try body(bytes, &self) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Calls `body` with the bytes of several files, in their order.
    ///
    /// - Throws: also where one is not there.
    mutating func withFiles(
        _ paths: [String], _ body: ([Bytes], inout Self) throws -> Void
    ) throws {
        try withFiles(paths[...], [], body)
    }

    private mutating func withFiles(
        _ paths: ArraySlice<String>, _ open: [Bytes], _ body: ([Bytes], inout Self) throws -> Void
    ) throws {
        guard let path = paths.first else { return try body(open, &self) }
        try withFile(path) { (bytes, storage) in
            guard let bytes else { throw LogFault(file: path, offset: 0, .fileMissing) }
            try storage.withFiles(paths.dropFirst(), open + [bytes], body)
        }
    }
}
