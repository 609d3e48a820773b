// A layout that takes the place of another: what is to be kept of the old one is copied into a
// folder beside it, and IDENTITY names that in one rename once all of it is durable. So an
// interruption at any moment leaves either the old layout in use, and a leftover
// (DirectoryLeftovers), or the new one. Nothing of the old layout is changed.

import Base
import Log

/// Puts a new layout in the place of the one in use; see above.
enum NewLayout {
    /// The number of the layout that can follow `old`.
    static func number(after old: UInt32, _ storage: some LayoutStorage) -> UInt32 {
        var names: [String] = []
        storage.list("", into: &names)
        return max(old, names.compactMap(DirectoryName.layoutNumber).max() ?? 0) + 1
    }

    /// Has `write` make the cores' folders in the folder that it is given, and uses them.
    ///
    /// - Parameters:
    ///   - identity: what IDENTITY says then.
    ///   - replaced: the layouts that are deleted once the new one has proved itself.
    /// - Throws: what a step of the storage or `write` does. What there is of the new layout is
    ///   deleted, unless IDENTITY may name it.
    static func install<Storage: LayoutStorage>(
        _ identity: DataIdentity, replacing replaced: [UInt32], _ storage: inout Storage,
        write: (_ root: String, inout Storage) throws -> Void
    ) throws {
        let folder = DirectoryName.layout(identity.layout)
        let fresh = "\(folder).new"
        var mayBeNamed = false
        do {
            try storage.removeFolder(fresh)
            try storage.makeFolder(fresh)
            try write(fresh, &storage)
            for layout in replaced {
                let mark = "\(fresh)/\(DirectoryName.replaces(layout))"
                try storage.create(mark)
                try storage.sync(mark)
            }
            try storage.sync(fresh)
            try storage.rename(fresh, to: folder)
            try storage.sync("")
            try writeIdentity(identity, &storage)
            mayBeNamed = true
            try storage.rename("\(DirectoryName.identity).new", to: DirectoryName.identity)
            try storage.sync("")
        } catch {
            // It may be that the disk is full.
            if !mayBeNamed {
                try? storage.removeFolder(fresh)
                try? storage.removeFolder(folder)
            }
            throw error
        }
    }

    private static func writeIdentity(
        _ identity: DataIdentity, _ storage: inout some LayoutStorage
    ) throws {
        let fresh = "\(DirectoryName.identity).new"
        var text = OutputBuffer()
        identity.write(to: &text)
        try storage.create(fresh)
        try storage.append(fresh, text.bytes)
        try storage.sync(fresh)
    }
}
