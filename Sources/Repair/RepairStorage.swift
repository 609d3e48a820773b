import Base
import Log

/// Where the files are, for a repair; paths begin at the data directory, which is "".
///
/// A step that cannot be done is thrown. What is behind a `sync` is durable before the steps after
/// it; nothing else is promised.
public protocol RepairStorage: DirectoryStorage {
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
