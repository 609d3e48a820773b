import Base
import Layouts
import TestSupport

@testable import Log

/// A step of the storage that did not happen any more.
struct Interruption: Error {}

/// The disk refused a step.
struct Refusal: Error {}

/// A data directory on a disk that keeps apart what a crash may take back.
struct TreeDisk: LayoutStorage {
    /// A file or a folder: as it is, and what it may be after a crash: any of the states since the
    /// last sync.
    private final class Item {
        let isFolder: Bool
        var bytes: [UInt8] = []
        var durableBytes: [UInt8] = []
        var entries: [String: Item] = [:] {
            didSet { states.append(entries) }
        }
        var states: [[String: Item]] = [[:]]

        init(isFolder: Bool) {
            self.isFolder = isFolder
        }

        func sync() {
            durableBytes = bytes
            states = [entries]
        }

        func copy(after crash: (Item) -> (bytes: [UInt8], entries: [String: Item])) -> Item {
            let state = crash(self)
            let new = Item(isFolder: isFolder)
            new.bytes = state.bytes
            new.entries = state.entries.mapValues { $0.copy(after: crash) }
            new.sync()
            return new
        }

        func addFiles(at path: String, to files: inout [String: [UInt8]]) {
            if !isFolder { files[path] = bytes }
            for (name, item) in entries {
                item.addFiles(at: path.isEmpty ? name : "\(path)/\(name)", to: &files)
            }
        }
    }

    private var root = Item(isFolder: true)
    /// How many steps are still to come before all fail.
    var stepsLeft = Int.max
    /// The step which is refused, from 1; those after it are not.
    var refused = 0
    private(set) var stepCount = 0

    init(_ files: [String: [UInt8]]) {
        for (path, bytes) in files {
            var folder = root
            let names = path.split(separator: "/").map(String.init)
            for name in names.dropLast() {
                let next = folder.entries[name] ?? Item(isFolder: true)
                folder.entries[name] = next
                folder = next
            }
            let file = Item(isFolder: false)
            file.bytes = bytes
            folder.entries[names.last ?? ""] = file
        }
        root = root.copy { ($0.bytes, $0.entries) }
    }

    /// All files.
    var files: [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        root.addFiles(at: "", to: &files)
        return files
    }

    /// Another disk with the same on it.
    func copied() -> TreeDisk {
        var copy = self
        copy.root = root.copy { ($0.bytes, $0.entries) }
        copy.stepCount = 0
        return copy
    }

    /// What a crash leaves at the worst: nothing that was not synced.
    func afterWorstCrash() -> TreeDisk {
        var copy = copied()
        copy.root = root.copy { ($0.durableBytes, $0.states[0]) }
        copy.stepsLeft = .max
        return copy
    }

    /// What a crash leaves: any of the states of names since the last sync, of the bytes a part.
    func afterCrash(_ random: inout SplitMix64) -> TreeDisk {
        var copy = copied()
        var dice = random
        copy.root = root.copy { item in
            let entries = item.states.randomElement(using: &dice) ?? [:]
            let kept = Int.random(in: 0...item.bytes.count, using: &dice)
            let isKept = Bool.random(using: &dice) || item.bytes == item.durableBytes
            return (isKept ? item.bytes : Array(item.bytes[..<kept]), entries)
        }
        random = dice
        copy.stepsLeft = .max
        return copy
    }

    // MARK: Reading

    private func find(_ path: String) -> Item? {
        var item = root
        for name in path.split(separator: "/") {
            guard let next = item.entries[String(name)] else { return nil }
            item = next
        }
        return item
    }

    func list(_ folder: String, into names: inout [String]) {
        names += find(folder)?.entries.keys.sorted() ?? []
    }

    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        guard let file = find(path), !file.isFolder else { return try body(nil) }
        try withBytes(file.bytes) { (bytes) throws(LogFault) in try body(bytes) }
    }

    // MARK: Steps

    private mutating func step() throws {
        if stepsLeft == 0 { throw Interruption() }
        stepsLeft -= 1
        stepCount += 1
        if stepCount == refused { throw Refusal() }
    }

    private func place(_ path: String) throws -> (folder: Item, name: String) {
        let names = path.split(separator: "/")
        guard let folder = find(names.dropLast().joined(separator: "/")) else { throw Refusal() }
        return (folder, String(names.last ?? ""))
    }

    mutating func makeFolder(_ path: String) throws {
        try step()
        let (folder, name) = try place(path)
        folder.entries[name] = Item(isFolder: true)
    }

    mutating func removeFolder(_ path: String) throws {
        try step()
        guard let (folder, name) = try? place(path), folder.entries[name] != nil else { return }
        folder.entries[name] = nil
    }

    mutating func create(_ path: String) throws {
        try step()
        let (folder, name) = try place(path)
        folder.entries[name] = Item(isFolder: false)
    }

    mutating func append(_ path: String, _ bytes: Bytes) throws {
        guard let file = find(path) else { throw Refusal() }
        let added = array(bytes)
        do {
            try step()
        } catch {
            // A part of it may be there.
            file.bytes += added[..<(added.count / 2)]
            throw error
        }
        file.bytes += added
    }

    mutating func sync(_ path: String) throws {
        try step()
        guard let item = find(path) else { throw Refusal() }
        item.sync()
    }

    mutating func rename(_ path: String, to name: String) throws {
        try step()
        let (from, old) = try place(path)
        let (folder, new) = try place(name)
        guard let item = from.entries[old] else { throw Refusal() }
        if from === folder {
            var entries = folder.entries
            entries[old] = nil
            entries[new] = item
            folder.entries = entries
        } else {
            from.entries[old] = nil
            folder.entries[new] = item
        }
    }
}
