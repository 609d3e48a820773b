import Base
import Log
import Node
import Testing

/// When replies may leave, what is logged in which group, and what happens where the disk fails.
@Suite struct DurabilityTests {
    private static func node(cores: Int = 1, _ policy: String) -> NodeHarness {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        #expect(node.send(client, "CONFIG SET appendfsync \(policy)") == "+OK\r\n")
        node.startLogs()
        return node
    }

    /// A key of each core.
    private static func keys(_ node: NodeHarness) -> [String] {
        (0..<2).map { core in
            (0...).lazy.map { "key:\($0)" }.first { node.owner(of: $0) == core } ?? ""
        }
    }

    /// What a core's log says, as kinds of records; `+` stands behind one whose group goes on.
    private static func records(_ node: NodeHarness, core: Int) -> [String] {
        var found: [String] = []
        let identity = FileIdentity(
            node: NodeBits(high: 0, middle: 0, low: 0), layout: 1, core: 0, cores: 1)
        var scanner = RecordScanner(
            FileHeader(.segment, identity, number: 1, salt: 1))
        let file = [UInt8](repeating: 0, count: FileHeader.size) + node.disks[core].written
        OwnedBytes(file).withBytes { bytes in
            while case .record(let record) = scanner.next(
                in: bytes, from: 0, fileSize: UInt64(bytes.count))
            {
                found.append("\(record.kind)\(record.hasMore ? "+" : "")")
            }
        }
        return found
    }

    // MARK: Replies

    @Test func underAlwaysAReplyWaitsForTheSync() {
        let node = Self.node("always")
        let client = node.connect()
        node.disks[0].keepsSyncs = true
        #expect(node.send(client, "SET k v") == "")
        #expect(node.disks[0].syncCount == 1)
        node.sync(0)
        node.finish()
        #expect(node.received(client) == "+OK\r\n")
    }

    @Test func underAlwaysAReadWaitsForWhatItMaySee() {
        let node = Self.node("always")
        let (writer, reader) = (node.connect(), node.connect())
        #expect(node.send(reader, "GET k") == "$-1\r\n")
        node.disks[0].keepsSyncs = true
        node.send(writer, "SET k v")
        #expect(node.send(reader, "GET k") == "")
        node.sync(0)
        node.finish()
        #expect(node.received(reader) == "$1\r\nv\r\n")
        // Nothing is unsynced any more.
        #expect(node.send(reader, "GET k") == "$1\r\nv\r\n")
    }

    @Test func whatComesDuringASyncIsReleasedByTheNext() {
        let node = Self.node("always")
        let (first, second) = (node.connect(), node.connect())
        node.disks[0].keepsSyncs = true
        node.send(first, "SET a 1")
        node.send(second, "SET b 2")
        node.sync(0)
        node.finish()
        #expect(node.received(first) == "+OK\r\n")
        #expect(node.received(second) == "")
        #expect(node.disks[0].syncCount == 2)
        node.sync(0)
        node.finish()
        #expect(node.received(second) == "+OK\r\n")
    }

    @Test func everysecSyncsAboutOnceASecond() {
        let node = Self.node("everysec")
        let client = node.connect()
        node.advance(milliseconds: 2000)
        for number in 0..<10 { #expect(node.send(client, "SET k \(number)") == "+OK\r\n") }
        let before = node.disks[0].syncCount
        node.advance(milliseconds: 1000)
        #expect(node.disks[0].syncCount == before + 1)
        #expect(node.disks[0].syncedCount == node.disks[0].written.count)
        // A mark says so, when nothing else comes, and that is all.
        node.advance(milliseconds: 1000)
        node.advance(milliseconds: 1000)
        let count = node.disks[0].written.count
        #expect(Self.records(node, core: 0).suffix(2) == ["putInteger", "mark"])
        for _ in 0..<5 { node.advance(milliseconds: 1000) }
        #expect(node.disks[0].written.count == count)
    }

    @Test func aReplyOfAnotherCoreWaitsForItsSync() {
        let node = Self.node(cores: 2, "always")
        let client = node.connect(core: 0)
        let keys = Self.keys(node)
        node.disks[1].keepsSyncs = true
        #expect(node.send(client, "SET \(keys[1]) v") == "")
        node.sync(1)
        node.finish()
        #expect(node.received(client) == "+OK\r\n")
    }

    @Test(arguments: [0, 1])
    func aTransactionWaitsForAllItsCores(last: Int) {
        let node = Self.node(cores: 2, "always")
        let client = node.connect(core: 0)
        let keys = Self.keys(node)
        for core in 0..<2 { node.disks[core].keepsSyncs = true }
        #expect(node.send(client, "MSET \(keys[0]) 1 \(keys[1]) 2") == "")
        node.sync(1 - last)
        node.finish()
        #expect(node.received(client) == "")
        node.sync(last)
        node.finish()
        #expect(node.received(client) == "+OK\r\n")
    }

    /// A client of core 0 waits for a key of core 1: what it takes is on disk before it knows.
    @Test(arguments: [0, 1])
    func anElementIsTakenOnceItsRemovalIsSafe(last: Int) {
        let node = Self.node(cores: 2, "always")
        let (waiter, pusher) = (node.connect(core: 0), node.connect(core: 1))
        let key = Self.keys(node)[1]
        #expect(node.send(waiter, "BLPOP \(key) 0") == "")
        #expect(node.send(pusher, "RPUSH \(key) a") == ":1\r\n")
        let served = "*2\r\n$\(key.count)\r\n\(key)\r\n$1\r\n"
        #expect(node.received(waiter) == served + "a\r\n")
        #expect(node.send(waiter, "BLPOP \(key) 0") == "")
        for core in 0..<2 { node.disks[core].keepsSyncs = true }
        node.begin(pusher, "RPUSH \(key) b")
        node.finish()
        // The element itself is safe before it is offered.
        node.sync(1)
        node.finish()
        #expect(node.received(pusher) == ":1\r\n")
        #expect(node.received(waiter) == "")
        node.sync(1 - last)
        node.finish()
        #expect(node.received(waiter) == "")
        node.sync(last)
        node.finish()
        #expect(node.received(waiter) == served + "b\r\n")
        #expect(Self.records(node, core: 1).filter { $0 == "transaction" }.count == 2)
    }

    // MARK: Groups

    @Test func aCommandIsAGroup() {
        let node = Self.node("no")
        let client = node.connect()
        node.send(client, "RPUSH a 1 2 3")
        node.send(client, "RPOPLPUSH a b")
        node.send(client, "MSET x 1 y 2")
        #expect(
            Self.records(node, core: 0) == [
                "mark", "putList", "mark", "putList+", "listRemove", "mark", "putInteger+",
                "putInteger",
            ])
    }

    @Test func anExecIsAGroup() {
        let node = Self.node("no")
        let client = node.connect()
        node.pipeline(client, ["MULTI", "SET a 1", "GET a", "SET b 2", "HSET h f v", "EXEC"])
        #expect(
            Self.records(node, core: 0) == ["mark", "putInteger+", "putInteger+", "putHash"])
    }

    @Test func partsOfATransactionOverCoresNameIt() {
        let node = Self.node(cores: 2, "no")
        let client = node.connect(core: 0)
        let keys = Self.keys(node)
        node.send(client, "MSET \(keys[0]) 1 \(keys[1]) 2")
        for core in 0..<2 {
            #expect(
                Self.records(node, core: core) == ["mark", "putInteger+", "transaction"])
        }
        // What changes nothing elsewhere is no transaction.
        node.send(client, "SUNIONSTORE \(keys[0]) \(keys[0])x nothing")
        #expect(!Self.records(node, core: 1).dropFirst(3).contains("transaction"))
    }

    @Test func whatIsDoneInPartsIsLoggedAtItsEnd() {
        let node = Self.node("no")
        let client = node.connect()
        for first in stride(from: 0, to: 9000, by: 1000) {
            let pairs = (first..<(first + 1000)).map { "\($0) m\($0)" }.joined(separator: " ")
            node.pipeline(client, ["ZADD z \(pairs)"])
        }
        let before = Self.records(node, core: 0).count
        node.begin(client, "ZREMRANGEBYRANK z 0 6999")
        var turns = 0
        while node.received(client).isEmpty, turns < 100 {
            // Nothing of it is there before all is.
            #expect(Self.records(node, core: 0).count == before)
            node.turn()
            turns += 1
        }
        node.finish()
        #expect(turns > 2)
        let added = Self.records(node, core: 0).dropFirst(before)
        #expect(added.first == "mark")
        #expect(added.dropFirst().dropLast().allSatisfy { $0 == "sortedSetRemove+" })
        #expect(added.last == "sortedSetRemove")
    }

    // MARK: Trouble

    @Test func aFailedSyncEndsAcknowledging() {
        let node = Self.node("always")
        let (writer, other) = (node.connect(), node.connect())
        node.send(writer, "SET k 1")
        node.disks[0].keepsSyncs = true
        #expect(node.send(writer, "SET k 2") == "")
        node.failSync(0)
        node.finish()
        #expect(node.isClosed(writer))
        let refusal = node.send(other, "SET k 3")
        #expect(refusal == "-MISCONF Errors writing to the AOF file: Input/output error\r\n")
        #expect(node.send(other, "PING") == "+PONG\r\n")
        // What is in memory is perhaps not on disk.
        #expect(node.send(other, "GET k").hasPrefix("-MISCONF"))
        #expect(node.pipeline(other, ["MULTI", "SET k 4"]).contains("-MISCONF"))
        #expect(node.disks[0].syncCount == 2)
    }

    @Test func aFullDiskRefusesWritesUntilThereIsRoom() {
        let node = Self.node("no")
        let client = node.connect()
        node.disks[0].isFull = true
        let value = String(repeating: "x", count: 1 << 20)
        var written = 0
        while node.pipeline(client, ["SET k\(written) \(value)"]) == "+OK\r\n", written < 100 {
            written += 1
            node.advance(milliseconds: 1000)
        }
        #expect(written > 60 && written < 70)
        #expect(
            node.send(client, "SET a b")
                == "-MISCONF Errors writing to the AOF file: No space left on device\r\n")
        #expect(node.send(client, "EXISTS k0") == ":1\r\n")
        node.disks[0].isFull = false
        node.advance(milliseconds: 1000)
        #expect(node.send(client, "SET a b") == "+OK\r\n")
    }

    /// A command that runs on a core with room may change keys of the core without.
    @Test func aFullDiskRefusesWritesOnAllCores() {
        let node = Self.node(cores: 2, "everysec")
        let keys = Self.keys(node)
        let client = node.connect()
        node.disks[1].isFull = true
        let value = String(repeating: "x", count: 1 << 20)
        let refusal = "-MISCONF Errors writing to the AOF file: No space left on device\r\n"
        var reply = "+OK\r\n"
        for _ in 0..<100 where reply == "+OK\r\n" {
            reply = node.pipeline(client, ["SET \(keys[1]) \(value)"])
            node.advance(milliseconds: 100)
        }
        #expect(reply == refusal)
        for key in keys { #expect(node.send(client, "SET \(key) v") == refusal) }
        #expect(node.send(client, "MSET \(keys[0]) v \(keys[1]) v") == refusal)
        #expect(node.send(client, "INFO persistence").contains("aof_last_write_status:err"))
        #expect(node.send(client, "EXISTS \(keys[0]) \(keys[1])") == ":1\r\n")
        node.disks[1].isFull = false
        node.advance(milliseconds: 1000)
        #expect(node.send(client, "MSET \(keys[0]) v \(keys[1]) v") == "+OK\r\n")
        #expect(node.send(client, "INFO persistence").contains("aof_last_write_status:ok"))
    }

    /// The write in flight is tried again as it is; what waits for it is held back.
    @Test(arguments: ["always", "everysec", "no"])
    func aWriteWithoutRoomIsTriedAgain(policy: String) {
        let node = Self.node(policy)
        let (writer, other) = (node.connect(), node.connect())
        node.send(writer, "SET k 1")
        node.disks[0].refusesWrites = true
        #expect(node.send(writer, "SET k 2") == "")
        #expect(node.send(other, "PING") == "")
        node.advance(milliseconds: 2000)
        #expect(node.received(writer) == "")
        node.disks[0].refusesWrites = false
        node.advance(milliseconds: 600)
        #expect(node.received(writer) == "+OK\r\n")
        #expect(node.received(other) == "+PONG\r\n")
        #expect(!node.isClosed(writer))
        #expect(node.send(other, "SET k 3") == "+OK\r\n")
        #expect(node.send(other, "GET k") == "$1\r\n3\r\n")
        let puts = Self.records(node, core: 0).filter { $0 == "putInteger" || $0 == "putString" }
        #expect(puts.count == 3)
    }

    @Test func writesAreRefusedWhileOneHasNoRoom() {
        let node = Self.node("everysec")
        let (writer, other) = (node.connect(), node.connect())
        node.disks[0].refusesWrites = true
        #expect(node.send(writer, "SET k 2") == "")
        #expect(node.send(other, "SET k 3") == "")
        node.disks[0].refusesWrites = false
        node.advance(milliseconds: 600)
        #expect(node.received(writer) == "+OK\r\n")
        #expect(
            node.received(other)
                == "-MISCONF Errors writing to the AOF file: No space left on device\r\n")
    }
}
