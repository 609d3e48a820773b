// The log of one node, in memory: a snapshot, and the entries from some way before its end on.
//
// Owned by the node. Invariants:
// 1. Entries are contiguous from base.index + 1 on; their terms never fall (paper 5.3).
// 2. base.index ≤ snapshot.last.index ≤ last.index: what is not in the snapshot is in the log.
// 3. The configuration in force is that of the last configuration entry, or else the snapshot's.

import Base

/// A node's log; see the essay above.
struct RaftLog {
    /// In place of the entries up to its last one.
    private(set) var snapshot: Snapshot
    /// The entry before the first that is kept.
    private(set) var base: EntryID
    private(set) var entries: [Entry]
    /// Configurations behind the snapshot, by the index of their entries, ascending.
    private var configurations: [(index: LogIndex, configuration: Configuration)] = []

    /// A log of these parts, which fit; see ``RecoveredState``.
    init(snapshot: Snapshot, base: EntryID, entries: [Entry]) {
        self.snapshot = snapshot
        self.base = base
        self.entries = entries
        for entry in entries { note(entry) }
    }

    private mutating func note(_ entry: Entry) {
        guard case .configuration(let configuration) = entry.payload else { return }
        if entry.id.index > snapshot.last.index {
            configurations.append((entry.id.index, configuration))
        }
    }

    /// The last entry, or where there is none, the snapshot's.
    var last: EntryID { entries.last?.id ?? base }

    /// The configuration in force (thesis 4.1).
    var configuration: Configuration {
        configurations.last?.configuration ?? snapshot.configuration
    }

    /// The place of the configuration in force.
    var configurationIndex: LogIndex { configurations.last?.index ?? snapshot.last.index }

    /// The configuration as of an entry that is not before the snapshot's.
    func configuration(asOf index: LogIndex) -> Configuration {
        configurations.last { $0.index <= index }?.configuration ?? snapshot.configuration
    }

    /// The term of the entry at `index`; nil where it is not known any more or not there yet.
    func term(at index: LogIndex) -> Term? {
        if index == base.index { return base.term }
        if index == snapshot.last.index { return snapshot.last.term }
        return entry(at: index)?.id.term
    }

    /// The entry at `index`, if it is kept.
    func entry(at index: LogIndex) -> Entry? {
        if index <= base.index || index > last.index { return nil }
        return entries[index.distance(behind: base.index) - 1]
    }

    /// Whether the log has the entry `id`.
    func contains(_ id: EntryID) -> Bool { term(at: id.index) == id.term }

    /// Entries from `first` on, as many as the bounds allow, but one at least if there is one.
    func slice(from first: LogIndex, countMax: Int, bytesMax: Int) -> [Entry] {
        var place = first.distance(behind: base.index) - 1
        invariant(place >= 0, "what is asked for is kept")
        var slice: [Entry] = []
        var bytes = 0
        while place < entries.count, slice.count < countMax {
            bytes += entries[place].encodedSize
            if bytes > bytesMax, !slice.isEmpty { break }
            slice.append(entries[place])
            place += 1
        }
        return slice
    }

    /// The last entry up to `index` whose term is at most `term`: nothing behind it can be alike in
    /// a log whose entry at `index` has that term.
    func lastEntry(upTo index: LogIndex, termAtMost term: Term) -> EntryID {
        var place = min(index, last.index)
        while place > base.index, let found = entry(at: place), found.id.term > term {
            place = place.previous
        }
        return place <= base.index
            ? base : EntryID(index: place, term: self.term(at: place) ?? term)
    }

    /// Bytes of the entries behind `index`.
    func byteCount(behind index: LogIndex) -> Int {
        let kept = index.distance(behind: base.index)
        return entries.dropFirst(kept).reduce(0) { $0 + $1.encodedSize }
    }

    // MARK: Changes

    /// Appends the entry behind the last one.
    mutating func append(_ entry: Entry) {
        invariant(entry.id.index == last.index.next, "entries have no gaps")
        invariant(entry.id.term >= last.term, "terms do not fall")
        entries.append(entry)
        note(entry)
    }

    /// Drops the entries from `first` on.
    ///
    /// - Parameter keepingConfigurations: false, but for ``PlantedRaftFault/configurationKept``.
    mutating func truncate(from first: LogIndex, keepingConfigurations: Bool = false) {
        invariant(first > snapshot.last.index, "what is in the snapshot is committed")
        entries.removeLast(last.index.next.distance(behind: first))
        if keepingConfigurations { return }
        while let newest = configurations.last, newest.index >= first {
            configurations.removeLast()
        }
    }

    /// Replaces everything by a snapshot.
    mutating func reset(to snapshot: Snapshot) {
        self.snapshot = snapshot
        base = snapshot.last
        entries = []
        configurations = []
    }

    /// Puts a snapshot in place of the entries up to its last one, which is in the log, and keeps
    /// so many of them.
    mutating func compact(_ snapshot: Snapshot, keeping kept: Int) {
        invariant(contains(snapshot.last), "a snapshot is of the log")
        self.snapshot = snapshot
        configurations.removeAll { $0.index <= snapshot.last.index }
        let dropped = snapshot.last.index.distance(behind: base.index) - kept
        if dropped <= 0 { return }
        base = entries[dropped - 1].id
        entries.removeFirst(dropped)
    }

    /// Checks the invariants; see the essay.
    func checkInvariants() {
        invariant(base.index <= snapshot.last.index, "the log begins in the snapshot")
        invariant(snapshot.last.index <= last.index, "the log ends behind the snapshot")
        var before = base
        for entry in entries {
            invariant(entry.id.index == before.index.next, "entries have no gaps")
            invariant(entry.id.term >= before.term, "terms do not fall")
            before = entry.id
        }
        for (left, right) in zip(configurations, configurations.dropFirst()) {
            invariant(left.index < right.index, "configurations ascend")
        }
        snapshot.configuration.checkInvariants()
        configuration.checkInvariants()
    }
}
