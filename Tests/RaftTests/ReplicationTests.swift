import Base
import Log
import Testing

@testable import Raft

/// Bounds on what is sent and kept, and how those who are behind catch up.
struct ReplicationTests {
    private func appends(_ cluster: RaftCluster, to place: Int) -> [AppendRequest] {
        cluster.messages.filter { $0.to == node(place) }.compactMap {
            if case .append(let request) = $0.body { return request }
            return nil
        }
    }

    @Test func proposalsAreBounded() {
        var options = RaftOptions()
        options.commandSizeMax = 10
        options.uncommittedEntriesMax = 3
        let cluster = RaftCluster(voters: 3, options: options)
        #expect(cluster.propose(cluster[1], "a") == .failure(.notLeader))
        cluster.lead(1)
        #expect(cluster.propose(cluster[1], "01234567890") == .failure(.tooLarge))
        for _ in 0..<3 {
            #expect(throws: Never.self) { try cluster.propose(cluster[1], "a").get() }
        }
        #expect(cluster.propose(cluster[1], "a") == .failure(.tooManyUncommitted))
        #expect(cluster.change(cluster[1], .remove(node(3))) == .failure(.tooManyUncommitted))
        cluster.settle()
        #expect(throws: Never.self) { try cluster.propose(cluster[1], "a").get() }
        var small = RaftOptions()
        small.uncommittedBytesMax = 30
        let other = RaftCluster(voters: 3, options: small)
        other.lead(1)
        #expect(throws: Never.self) { try other.propose(other[1], "01234567890123456789").get() }
        #expect(other.propose(other[1], "a") == .failure(.tooManyUncommitted))
    }

    @Test func whatIsInFlightIsBounded() {
        var options = RaftOptions()
        options.entriesInFlightMax = 4
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        for _ in 0..<20 { cluster.propose(cluster[1], "a") }
        for place in 2...3 {
            #expect(appends(cluster, to: place).reduce(0) { $0 + $1.entries.count } == 4)
        }
        cluster.settle()
        #expect(cluster[3].raft.applied == LogIndex(21))
    }

    @Test func messagesAreBounded() {
        var options = RaftOptions()
        options.bytesPerMessageMax = 100
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        for size in [10, 20, 30, 40, 300, 10] {
            cluster.propose(cluster[1], String(repeating: "x", count: size))
        }
        cluster.settle()
        cluster.cuts = []
        var sizes: [Int] = []
        cluster.onEffect = { _, effect in
            guard case .send(let message) = effect, message.to == node(3) else { return }
            guard case .append(let request) = message.body else { return }
            sizes.append(request.entries.reduce(0) { $0 + $1.encodedSize })
        }
        cluster.run(300)
        #expect(cluster[3].raft.applied == LogIndex(7))
        #expect(sizes.allSatisfy { $0 <= 100 || $0 == 313 })
        #expect(sizes.contains(313))
    }

    /// A follower that lacks what is gone gets the snapshot, in parts, and then entries.
    @Test func aSlowFollowerGetsTheSnapshot() {
        var options = RaftOptions()
        options.bytesPerMessageMax = 100
        options.snapshotAfterEntries = 20
        options.entriesKeptMax = 5
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        for count in 0..<50 {
            cluster.propose(cluster[1], "entry \(count)")
            cluster.settle()
        }
        #expect(cluster[1].raft.snapshotEntry.index >= LogIndex(40))
        #expect(cluster[1].raft.log.base.index >= LogIndex(35))
        cluster.cuts = []
        var parts = 0
        cluster.onEffect = { _, effect in
            if case .send(let message) = effect, case .snapshotPart = message.body { parts += 1 }
        }
        cluster.run(500)
        #expect(parts >= 4)
        #expect(cluster[3].state == cluster[1].state)
        #expect(cluster.checker.restores == 1)
        #expect(cluster.checker.failures == [])
    }

    /// Who is a little late needs no snapshot: some entries are kept behind it.
    @Test func aLittleLateIsCaughtUpWithEntries() {
        var options = RaftOptions()
        options.snapshotAfterEntries = 20
        options.entriesKeptMax = 10
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        for count in 0..<16 { cluster.propose(cluster[1], "entry \(count)") }
        cluster.settle()
        cluster.partition([[1, 2], [3]])
        for count in 0..<5 { cluster.propose(cluster[1], "late \(count)") }
        cluster.settle()
        #expect(cluster[1].raft.snapshotEntry.index > cluster[3].raft.lastEntry.index)
        cluster.cuts = []
        cluster.run(300)
        #expect(cluster[3].state == cluster[1].state)
        #expect(cluster.checker.restores == 0)
    }

    /// A snapshot that was received and not synced is gone after a crash, and is sent again.
    @Test func aSnapshotIsRestoredWhenItIsDurable() {
        var options = RaftOptions()
        options.snapshotAfterEntries = 10
        options.entriesKeptMax = 0
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        for count in 0..<12 { cluster.propose(cluster[1], "entry \(count)") }
        cluster.settle()
        cluster.cuts = []
        cluster.advance(100)
        cluster.tick(cluster[1])
        for _ in 0..<4 {
            cluster.deliver(1, 3)
            cluster.deliver(3, 1)
        }
        #expect(cluster[3].disk.pending.contains { $0.request.snapshot != nil })
        #expect(cluster.checker.restores == 0)
        cluster.crash(cluster[3], cluster[3].disk.pending.map { _ in .absent })
        cluster.restart(cluster[3])
        #expect(cluster[3].raft.snapshotEntry == .zero)
        cluster.run(500)
        #expect(cluster[3].state == cluster[1].state)
        #expect(cluster.checker.failures == [])
    }

    /// The state after a start is that of the snapshot and the log.
    @Test func aStartRestoresTheState() {
        var options = RaftOptions()
        options.snapshotAfterEntries = 10
        let cluster = RaftCluster(voters: 3, options: options)
        cluster.lead(1)
        for count in 0..<15 { cluster.propose(cluster[1], "entry \(count)") }
        cluster.settle()
        let before = cluster[1].state
        for node in cluster.nodes { cluster.crash(node) }
        for node in cluster.nodes { cluster.restart(node) }
        cluster.run(4000)
        #expect(cluster.checker.restores == 3)
        #expect(cluster[1].state.index > before.index)
        #expect(cluster.checker.failures == [])
    }

    /// An owner that was asked for a snapshot, and got one from the leader before it had made its
    /// own, is asked again when the log has grown.
    @Test func aSnapshotIsWantedAgainAfterOneWasReceived() {
        var options = RaftOptions()
        options.snapshotAfterEntries = 10
        options.entriesKeptMax = 0
        let cluster = RaftCluster(voters: 3, options: options)
        var wanted = 0
        cluster.onEffect = { id, effect in
            if id == node(3), effect == .snapshotWanted { wanted += 1 }
        }
        cluster.takesSnapshots = false
        cluster.lead(1)
        func grow() {
            for count in 0..<12 { cluster.propose(cluster[1], "entry \(count)") }
            cluster.settle()
        }
        grow()
        #expect(wanted == 1)
        cluster.partition([[1, 2], [3]])
        grow()
        cluster.takeSnapshot(cluster[1])
        cluster.cuts = []
        cluster.run(500)
        #expect(cluster.checker.restores == 1)
        grow()
        #expect(wanted == 2)
    }

    @Test func aSnapshotThatIsTooLargeIsNotTaken() {
        var options = RaftOptions()
        options.snapshotSizeMax = 100
        let cluster = RaftCluster(voters: 1, options: options)
        cluster.run(3000)
        let isTaken = cluster.step(cluster[1]) { raft, _, outbox in
            raft.compact(upTo: LogIndex(1), state: [UInt8](repeating: 0, count: 101), into: &outbox)
        }
        #expect(isTaken == false)
        #expect(cluster[1].raft.snapshotEntry == .zero)
    }
}
