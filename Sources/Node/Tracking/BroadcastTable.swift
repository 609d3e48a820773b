// Beginnings of keys whose writes are told (CLIENT TRACKING … BCAST), of all cores' clients.
//
// Invariants.
// 1. A prefix is in the table while a client of this core, or a core that has announced it, is to
//    be told.
// 2. The prefixes are sorted, so that messages of one turn come in the order of Redis.

import Base
import Engine

/// A beginning of keys, and who is told of them.
final class BroadcastPrefix {
    let name: OwnedBytes
    /// Of this core.
    fileprivate(set) var clients: [ConnectionID] = []
    /// Other cores that have clients.
    fileprivate(set) var cores: Set<Int> = []
    /// Keys that were written in this turn, each with who wrote it first.
    fileprivate(set) var written: [OwnedBytes: Tracker] = [:]

    fileprivate init(_ name: OwnedBytes) {
        self.name = name
    }

    fileprivate func begins(_ key: Bytes) -> Bool {
        name.count <= key.count && name.withBytes { $0 == key.slice(0, name.count) }
    }

    fileprivate var isVacant: Bool { clients.isEmpty && cores.isEmpty }
}

/// See the essay above.
struct BroadcastTable: ~Copyable {
    private var prefixes: [BroadcastPrefix] = []
    /// Some prefix has written keys.
    private(set) var hasWritten = false

    var count: Int { prefixes.count }
    var isEmpty: Bool { prefixes.isEmpty }

    func prefix(_ place: Int) -> BroadcastPrefix { prefixes[place] }

    func find(_ name: Bytes) -> BroadcastPrefix? {
        prefixes.first { known in known.name.withBytes { $0 == name } }
    }

    private mutating func open(_ name: Bytes) -> BroadcastPrefix {
        if let known = find(name) { return known }
        let prefix = BroadcastPrefix(OwnedBytes(name))
        let place = prefixes.firstIndex { $0.name.withBytes { $0.compare(name) > 0 } }
        prefixes.insert(prefix, at: place ?? prefixes.count)
        return prefix
    }

    /// Adds a client of this core.
    mutating func add(_ id: ConnectionID, _ name: Bytes) {
        let prefix = open(name)
        if !prefix.clients.contains(id) { prefix.clients.append(id) }
    }

    /// Takes a client of this core out; whether it was the prefix's last one here.
    mutating func remove(_ id: ConnectionID, _ name: Bytes) -> Bool {
        guard let prefix = find(name) else { return false }
        prefix.clients.removeAll { $0 == id }
        closeIfVacant(prefix)
        return prefix.clients.isEmpty
    }

    /// Another core has clients.
    mutating func add(core: Int, _ name: Bytes) {
        open(name).cores.insert(core)
    }

    mutating func remove(core: Int, _ name: Bytes) {
        guard let prefix = find(name) else { return }
        prefix.cores.remove(core)
        closeIfVacant(prefix)
    }

    private mutating func closeIfVacant(_ prefix: BroadcastPrefix) {
        if prefix.isVacant { prefixes.removeAll { $0 === prefix } }
    }

    /// Notes a written key with all prefixes that begin it.
    mutating func note(_ key: Bytes, _ writer: Tracker) {
        for prefix in prefixes where prefix.begins(key) {
            let name = OwnedBytes(key)
            if prefix.written[name] == nil { prefix.written[name] = writer }
            hasWritten = true
        }
    }

    /// The written keys of a prefix as ``BroadcastKeys`` reads them, sorted; they are forgotten.
    mutating func takeWritten(_ place: Int, into part: inout OutputBuffer) {
        let prefix = prefixes[place]
        let sorted = prefix.written.sorted { left, right in
            left.key.withBytes { left in right.key.withBytes { left.compare($0) < 0 } }
        }
        for (key, writer) in sorted {
            part.append(plain: writer)
            part.append(integer: Int64(key.count))
            key.withBytes { part.append($0) }
        }
        prefix.written = [:]
    }

    mutating func endTurn() { hasWritten = false }

    func checkInvariants() {
        for prefix in prefixes { invariant(!prefix.isVacant, "a prefix has somebody to tell") }
        for place in prefixes.indices.dropFirst() {
            let isSorted = prefixes[place - 1].name.withBytes { left in
                prefixes[place].name.withBytes { left.compare($0) < 0 }
            }
            invariant(isSorted, "prefixes are sorted")
        }
    }
}

/// Written keys on their way to those who are told of their beginning.
struct BroadcastKeys {
    private let part: Bytes
    private var offset = 0

    init(_ part: Bytes) {
        self.part = part
    }

    mutating func next() -> (key: Bytes, writer: Tracker)? {
        if offset == part.count { return nil }
        let writer = part.plain(Tracker.self, at: offset)
        let start = offset + MemoryLayout<Tracker>.size + 8
        let end = start + Int(part.integer(at: start - 8))
        offset = end
        return (part.slice(start, end), writer)
    }
}
