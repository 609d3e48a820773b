import Base
import Log

/// What a node remembers: the whole content of its file.
public struct RecoveredState: Equatable, Sendable {
    /// The term, and the vote in it.
    public var hardState: HardState
    /// The snapshot.
    public var snapshot: Snapshot
    /// The entry before the first of ``entries``; not behind the snapshot's last one.
    public var base: EntryID
    /// The entries that are kept, contiguous.
    public var entries: [Entry]
    /// Whether the state was never in a file: the node promised nothing to anybody.
    public var isFounding = false

    /// The last entry.
    public var last: EntryID { entries.last?.id ?? base }

    /// These parts, which fit.
    public init(hardState: HardState, snapshot: Snapshot, base: EntryID, entries: [Entry]) {
        self.hardState = hardState
        self.snapshot = snapshot
        self.base = base
        self.entries = entries
    }

    /// Of a node with a new directory: the first voters of a cluster, all of which begin with the
    /// same configuration; or with none, a node that waits to be added to one.
    public static func founding(_ configuration: Configuration) -> RecoveredState {
        var state = RecoveredState(
            hardState: HardState(),
            snapshot: Snapshot(last: .zero, configuration: configuration, state: []),
            base: .zero, entries: [])
        state.isFounding = true
        return state
    }

    /// What a request to the disk makes of it: the oracle that files are compared with, and the
    /// rule by which they are read.
    public mutating func apply(_ request: PersistRequest) {
        isFounding = false
        hardState = request.hardState
        if let snapshot = request.snapshot {
            self.snapshot = snapshot
            base = request.base
            entries = request.entries
            return
        }
        for entry in request.entries { replace(with: entry) }
    }

    /// Puts an entry at its index; what was there and behind it goes.
    mutating func replace(with entry: Entry) {
        let kept = entry.id.index.distance(behind: base.index) - 1
        invariant(kept >= 0, "an entry is behind the base")
        invariant(kept <= entries.count, "entries have no gaps")
        entries.removeLast(entries.count - kept)
        entries.append(entry)
    }

    /// Whether the entries reach the snapshot's last one, and agree with it.
    var isWhole: Bool {
        if base.index == snapshot.last.index { return base == snapshot.last }
        let place = snapshot.last.index.distance(behind: base.index) - 1
        return entries.indices.contains(place) && entries[place].id == snapshot.last
    }

    /// Whether an entry may come next, whoever says so.
    func mayTake(_ entry: EntryID) -> Bool {
        if entry.index <= base.index { return false }
        // Behind the snapshot entries may replace others; what it covers stands once.
        if entry.index <= snapshot.last.index, entry.index != last.index.next { return false }
        if entry.index > last.index.next || entry.term > hardState.term { return false }
        let before = entry.index.distance(behind: base.index) - 2
        return entry.term >= (before < 0 ? base.term : entries[before].id.term)
    }
}
