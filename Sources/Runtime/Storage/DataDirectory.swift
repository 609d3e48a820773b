// The data directory of a node, for as long as its process uses it: docs/internals/log-format.md,
// "The data directory".

import Base
import Glibc
import Log
import Settings
import Uring

/// A data directory that this process has locked.
@safe
final class DataDirectory: Sendable {
    /// Its path as the operator gave it.
    let path: String
    /// Whose it is, this start counted.
    let identity: DataIdentity
    /// Open, and locked, until the process ends.
    private let lock: Int32

    /// Opens the directory for a node of `coreCount` cores, or makes one. Data of another number
    /// of cores is written for this one.
    ///
    /// - Throws: why it must not be used, or cannot be.
    init(
        _ path: String, coreCount: Int, onResharding: (ReshardingNews) -> Void
    ) throws(StartupObstacle) {
        self.path = path
        lock = try Self.lock(path)
        do throws(StartupObstacle) {
            if let found = try Self.readIdentity(path) {
                let current = try Self.reshard(path, found, coreCount, onResharding)
                identity = try Self.countStart(path, current)
            } else {
                identity = try Self.make(path, coreCount)
            }
        } catch {
            close(lock)
            throw error
        }
    }

    deinit {
        close(lock)
    }

    /// The folder of a core.
    func folder(ofCore core: Int) -> String {
        "\(path)/\(DirectoryName.core(UInt16(core), layout: identity.layout))"
    }

    /// What the files of a core say of themselves.
    func files(ofCore core: Int) -> FileIdentity { identity.files(ofCore: UInt16(core)) }

    private static func lock(_ path: String) throws(StartupObstacle) -> Int32 {
        do throws(FileFault) {
            try Files.makeFolder(path)
        } catch {
            throw StartupObstacle(error, in: path)
        }
        let name = "\(path)/\(DirectoryName.lock)"
        let lock: Int32
        do throws(FileFault) {
            lock = try Files.open(name, O_RDWR | O_CREAT)
        } catch {
            throw StartupObstacle(error, in: path)
        }
        if flock(lock, LOCK_EX | LOCK_NB) != 0 {
            close(lock)
            throw .dataInUse(path: path)
        }
        return lock
    }

    /// Nil where there is none, and nothing else either.
    private static func readIdentity(_ path: String) throws(StartupObstacle) -> DataIdentity? {
        let name = "\(path)/\(DirectoryName.identity)"
        if let file = try open(name) { return try read(file.bytes, path) }
        var names: [String] = []
        do throws(FileFault) {
            try Files.list(path, into: &names)
        } catch {
            throw StartupObstacle(error, in: path)
        }
        let foreign = names.filter { name in
            name != DirectoryName.lock && name != "\(DirectoryName.identity).new"
                && name != DirectoryName.layout(1)
        }
        if let first = foreign.sorted().first { throw .dataForeign(path: path, name: first) }
        return nil
    }

    /// Nil where there is no such file.
    private static func open(_ name: String) throws(StartupObstacle) -> MappedFile? {
        do throws(FileFault) {
            return try Files.map(name)
        } catch {
            if error.code == ENOENT { return nil }
            throw StartupObstacle(error, in: path)
        }
    }

    private static func read(
        _ bytes: Bytes, _ path: String
    ) throws(StartupObstacle) -> DataIdentity {
        do throws(LogFault) {
            return try DataIdentity(bytes)
        } catch {
            if error.reason == .newerFormat { throw .dataOfNewerVersion(path: path) }
            throw .dataDamaged(path: path, fault: "\(error)")
        }
    }

    private static func countStart(
        _ path: String, _ found: DataIdentity
    ) throws(StartupObstacle) -> DataIdentity {
        var identity = found
        identity.starts += 1
        try write(identity, path)
        return identity
    }

    private static func write(_ identity: DataIdentity, _ path: String) throws(StartupObstacle) {
        var text = OutputBuffer()
        identity.write(to: &text)
        do throws(FileFault) {
            try Files.replace(path, DirectoryName.identity, by: text.bytes)
        } catch {
            throw StartupObstacle(error, in: path)
        }
    }

    /// A new directory: the cores' folders first, then IDENTITY, which makes it one.
    private static func make(
        _ path: String, _ coreCount: Int
    ) throws(StartupObstacle) -> DataIdentity {
        var random = SystemRandomNumberGenerator()
        let identity = DataIdentity(
            node: NodeBits(
                high: random.next(), middle: random.next(),
                low: UInt32(truncatingIfNeeded: random.next())),
            layout: 1, cores: UInt16(coreCount), starts: 1)
        do throws(FileFault) {
            try Files.makeFolder("\(path)/\(DirectoryName.layout(1))")
            for core in 0..<coreCount {
                let files = identity.files(ofCore: UInt16(core))
                let folder = "\(path)/\(DirectoryName.core(UInt16(core), layout: 1))"
                try Files.makeFolder(folder)
                var header = OutputBuffer()
                FileHeader(.segment, files, number: 1, salt: random.next()).append(to: &header)
                try Files.replace(folder, FileName.segment(1).text, by: header.bytes)
                var manifest = OutputBuffer()
                let begin = LogPosition(segment: 1, offset: UInt32(FileHeader.size))
                Manifest(files, firstSegment: 1, synced: begin).write(to: &manifest)
                try Files.replace(folder, FileName.manifest.text, by: manifest.bytes)
            }
            try Files.sync(folder: "\(path)/\(DirectoryName.layout(1))")
        } catch {
            throw StartupObstacle(error, in: path)
        }
        try write(identity, path)
        return identity
    }
}
