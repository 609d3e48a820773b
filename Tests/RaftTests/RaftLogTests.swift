import Base
import Log
import Testing

@testable import Raft

/// The log in memory, compared with a plain array of all entries there ever were.
struct RaftLogTests {
    @Test func theLogIsAnArray() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var log = RaftLog(
                snapshot: RecoveredState.founding(Sample.members([1])).snapshot, base: .zero,
                entries: [])
            var all: [Entry] = []
            var term: UInt64 = 1
            for _ in 0..<200 {
                change(&log, &all, &term, &random)
                log.checkInvariants()
                compare(log, all, &random)
            }
        }
    }

    private func change(
        _ log: inout RaftLog, _ all: inout [Entry], _ term: inout UInt64,
        _ random: inout SplitMix64
    ) {
        switch random.next() % 10 {
        case 0: term += 1
        case 1 where log.last.index > log.snapshot.last.index:
            let behind = log.last.index.distance(behind: log.snapshot.last.index)
            let dropped = Int(random.next() % UInt64(behind)) + 1
            all.removeLast(dropped)
            log.truncate(from: LogIndex(UInt64(all.count) + 1))
        case 2 where log.last.index > log.snapshot.last.index:
            let index = log.snapshot.last.index.next
            guard let found = log.term(at: index) else { return }
            let snapshot = Snapshot(
                last: EntryID(index: index, term: found),
                configuration: log.configuration(asOf: index), state: [])
            log.compact(snapshot, keeping: Int(random.next() % 4))
        default:
            let id = Sample.id(UInt64(all.count) + 1, term)
            let members = Sample.members([Int(random.next() % 9) + 1])
            let payload: EntryPayload =
                random.next() % 4 == 0 ? .configuration(members) : .command(OwnedBytes("x"))
            all.append(Entry(id, payload))
            log.append(Entry(id, payload))
        }
    }

    private func compare(_ log: RaftLog, _ all: [Entry], _ random: inout SplitMix64) {
        #expect(log.last == all.last?.id ?? .zero)
        for entry in all where entry.id.index > log.base.index {
            #expect(log.entry(at: entry.id.index) == entry)
            #expect(log.contains(entry.id))
        }
        #expect(log.entry(at: log.base.index) == nil)
        #expect(log.entry(at: log.last.index.next) == nil)
        let configurations = all.compactMap { entry -> Configuration? in
            if case .configuration(let members) = entry.payload { return members }
            return nil
        }
        #expect(log.configuration == configurations.last ?? Sample.members([1]))
        let index = LogIndex(random.next() % UInt64(all.count + 2))
        let term = Term(random.next() % 6)
        let kept = all.filter { $0.id.index > log.base.index }
        let expected = kept.last { $0.id.index <= index && $0.id.term <= term }?.id
        #expect(log.lastEntry(upTo: index, termAtMost: term) == expected ?? log.base)
    }

    @Test func slicesAreBounded() {
        var log = RaftLog(
            snapshot: RecoveredState.founding(Sample.members([1])).snapshot, base: .zero,
            entries: [])
        for index in 1...10 as ClosedRange<UInt64> { log.append(Sample.entry(index, 1, "0123")) }
        let size = Sample.entry(1, 1, "0123").encodedSize
        #expect(size == 17)
        let first = LogIndex(3)
        #expect(
            log.slice(from: first, countMax: 4, bytesMax: .max).map(\.id.index.rawValue) == [
                3, 4, 5, 6,
            ])
        #expect(log.slice(from: first, countMax: .max, bytesMax: size * 2).count == 2)
        #expect(log.slice(from: first, countMax: .max, bytesMax: 1).count == 1)
        #expect(log.slice(from: LogIndex(11), countMax: .max, bytesMax: .max).isEmpty)
        #expect(log.byteCount(behind: LogIndex(8)) == size * 2)
    }
}
