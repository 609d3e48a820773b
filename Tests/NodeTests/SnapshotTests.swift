import Base
import Log
import Node
import Testing

/// Snapshots of a node's cores, from the first step to the manifest.
@Suite struct NodeSnapshotTests {
    private static func node(cores: Int = 1, _ policy: String = "everysec") -> NodeHarness {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        #expect(node.send(client, "CONFIG SET appendfsync \(policy)") == "+OK\r\n")
        node.startLogs()
        return node
    }

    /// What a core's disk would become after a crash now: keys and values, as commands see them.
    private static func recover(_ disk: NodeHarness.Disk) -> NodeHarness {
        let node = NodeHarness(cores: 1)
        var stamps = SlotStamps()
        let identity = FileIdentity(
            node: NodeBits(high: 0, middle: 0, low: 0), layout: 1, core: 0, cores: 1)
        func file(_ kind: FileHeader.Content, salt: UInt64, _ records: [UInt8]) -> OwnedBytes {
            var header = OutputBuffer()
            FileHeader(kind, identity, number: 1, salt: salt).append(to: &header)
            return OwnedBytes(unsafe Array(header.bytes.buffer) + records)
        }
        if let installed = disk.installed {
            #expect(installed.plan.size == UInt64(FileHeader.size + installed.snapshot.count))
            file(.snapshot, salt: 7, installed.snapshot).withBytes { bytes in
                load(bytes, identity, into: node, &stamps)
            }
        }
        var scanner = RecordScanner(
            FileHeader(.segment, identity, number: 1, salt: 1), verifies: false)
        file(.segment, salt: 1, disk.written).withBytes { bytes in
            while case .record(let record) = scanner.next(
                in: bytes, from: 0, fileSize: UInt64(bytes.count))
            {
                guard let effect = record.effect, stamps.lack(record) else { continue }
                #expect(node.withCore(0) { $0.apply(record, effect) })
            }
        }
        return node
    }

    private static func load(
        _ bytes: Bytes, _ identity: FileIdentity, into node: NodeHarness, _ stamps: inout SlotStamps
    ) {
        do {
            let size = UInt64(bytes.count)
            var reader = try SnapshotReader(
                front: bytes, fileSize: size, Manifest.Snapshot(number: 1, size: size), identity)
            while true {
                switch try reader.next(in: bytes, from: 0) {
                case .effect(let record):
                    guard let effect = record.effect else { continue }
                    #expect(node.withCore(0) { $0.apply(record, effect) })
                case .slotEnd(let slot, let stamp):
                    stamps.set(slot, stamp)
                    node.withCore(0) { $0.endSlot(slot, stamp) }
                case .more: Issue.record("a record is cut off")
                case .end: return
                }
            }
        } catch {
            Issue.record("\(error)")
        }
    }

    private static let noSpace = "-ERR the snapshot failed: No space left on device\r\n"

    @Test(arguments: [1, 2], ["always", "everysec", "no"])
    func saveEndsWithAManifest(cores: Int, policy: String) {
        let node = Self.node(cores: cores, policy)
        let client = node.connect()
        for number in 0..<300 { node.send(client, "SET key:\(number) \(number)") }
        #expect(node.send(client, "SAVE") == "+OK\r\n")
        for disk in node.disks {
            #expect(disk.installed?.plan.firstSegment == 2)
            // All that the snapshot depends on is on disk.
            #expect(disk.syncedCount == disk.written.count)
        }
        let info = node.send(client, "INFO persistence")
        #expect(info.contains("rdb_saves:1\r\n"))
        #expect(info.contains("rdb_changes_since_last_save:0\r\n"))
        #expect(info.contains("rdb_last_bgsave_status:ok\r\n"))
        #expect(info.contains("rdb_bgsave_in_progress:0\r\n"))
    }

    @Test func snapshotAndLogAreTheState() {
        let node = Self.node()
        let client = node.connect()
        for number in 0..<2000 { node.send(client, "RPUSH list element:\(number)") }
        node.pipeline(client, (0..<20_000).map { "SET key:\($0) value:\($0)" })
        node.begin(client, "BGSAVE")
        node.begin(client, "LPUSH list first")
        var turns = 0
        while node.disks[0].installed == nil, turns < 1000 {
            node.begin(client, "SET key:\(turns * 7 % 20_000) new:\(turns)")
            node.begin(client, "LREM list 1 element:\(turns * 3)")
            node.begin(client, "DEL key:\(turns * 11 % 20_000)")
            node.turn()
            turns += 1
        }
        node.finish()
        #expect(turns > 10)
        let copy = Self.recover(node.disks[0])
        let other = copy.connect()
        _ = node.received(client)
        for question in ["DBSIZE", "LRANGE list 0 -1", "MGET key:0 key:7 key:14 key:22 key:19999"] {
            #expect(copy.send(other, question) == node.send(client, question))
        }
        for number in stride(from: 0, to: 20_000, by: 371) {
            #expect(copy.send(other, "GET key:\(number)") == node.send(client, "GET key:\(number)"))
        }
    }

    @Test(arguments: NodeHarness.SnapshotStepInTest.allCases)
    func aStepThatFailsLeavesTheLog(step: NodeHarness.SnapshotStepInTest) {
        let node = Self.node()
        let client = node.connect()
        for number in 0..<100 { node.send(client, "SET key:\(number) \(number)") }
        node.disks[0].failingStep = step
        #expect(node.send(client, "SAVE") == Self.noSpace)
        #expect(node.disks[0].wasDropped)
        #expect(node.disks[0].installed == nil)
        #expect(node.send(client, "INFO persistence").contains("rdb_last_bgsave_status:err\r\n"))
        #expect(node.send(client, "SET key:1 again") == "+OK\r\n")
        let copy = Self.recover(node.disks[0])
        #expect(copy.send(copy.connect(), "GET key:1") == "$5\r\nagain\r\n")
        node.disks[0].failingStep = nil
        #expect(node.send(client, "SAVE") == "+OK\r\n")
        #expect(node.disks[0].installed != nil)
    }

    @Test func aFullDiskEndsASnapshotAtItsFirstStep() {
        let node = Self.node()
        let client = node.connect()
        node.send(client, "SET k v")
        node.disks[0].isFull = true
        #expect(node.send(client, "SAVE") == Self.noSpace)
        #expect(node.send(client, "SET k w") == "+OK\r\n")
    }

    /// The snapshot has what is not synced, so its manifest waits for the log, here and elsewhere.
    @Test func theManifestWaitsForTheLogsOfAllCores() {
        let node = Self.node(cores: 2, "everysec")
        let client = node.connect(core: 0)
        for number in 0..<100 { node.send(client, "SET key:\(number) \(number)") }
        node.disks[1].keepsSyncs = true
        #expect(node.send(client, "SAVE") == "")
        #expect(node.disks[0].installed == nil)
        #expect(node.disks[1].installed == nil)
        node.disks[1].keepsSyncs = false
        node.sync(1)
        node.finish()
        #expect(node.received(client) == "+OK\r\n")
    }

    @Test func aCoreThatCannotSyncRefusesTheOthersSnapshots() {
        let node = Self.node(cores: 3, "everysec")
        let client = node.connect(core: 0)
        for number in 0..<100 { node.send(client, "SET key:\(number) \(number)") }
        node.disks[1].keepsSyncs = true
        node.begin(client, "SAVE")
        node.finish()
        node.failSync(1)
        node.finish()
        #expect(
            node.received(client)
                == "-ERR the snapshot failed: the log of another core has failed\r\n")
        for core in 0..<3 { #expect(node.disks[core].installed == nil) }
    }

    @Test func onlyOneIsUnderWay() {
        let node = Self.node()
        let client = node.connect()
        node.send(client, "SET k v")
        node.disks[0].keptStep = .close
        #expect(node.send(client, "BGSAVE") == "+Background saving started\r\n")
        #expect(node.send(client, "BGSAVE") == "-ERR Background save already in progress\r\n")
        #expect(node.send(client, "SAVE") == "-ERR Background save already in progress\r\n")
        #expect(
            node.send(client, "BGREWRITEAOF")
                == "-ERR Background append only file rewriting already in progress\r\n")
        #expect(node.send(client, "INFO persistence").contains("rdb_bgsave_in_progress:1\r\n"))
        #expect(node.send(client, "BGSAVE SCHEDULE") == "+Background saving scheduled\r\n")
        node.disks[0].keptStep = nil
        node.finish(.close, of: 0)
        node.finish()
        // The scheduled one followed.
        #expect(node.send(client, "INFO persistence").contains("rdb_saves:2\r\n"))
    }

    @Test func theLogsGrowthBeginsOne() {
        let node = Self.node()
        let client = node.connect()
        node.send(client, "CONFIG SET auto-aof-rewrite-min-size 100000")
        let value = String(repeating: "v", count: 1000)
        for number in 0..<90 { node.send(client, "SET key:\(number % 10) \(value)\(number)") }
        #expect(node.disks[0].installed == nil)
        for number in 0..<20 { node.send(client, "SET key:\(number % 10) \(value)\(number)") }
        #expect(node.disks[0].installed != nil)
        // It is a tenth of that; the next one comes when all has doubled, and not below the least.
        #expect(node.send(client, "INFO persistence").contains("rdb_saves:1\r\n"))
    }

    @Test func aRuleBeginsOne() {
        let node = Self.node()
        let client = node.connect()
        node.send(client, "CONFIG SET save \"60 10\"")
        for number in 0..<9 { node.send(client, "SET key:\(number) v") }
        node.advance(milliseconds: 61_000)
        #expect(node.disks[0].installed == nil)
        node.send(client, "SET key:9 v")
        node.advance(milliseconds: 1000)
        #expect(node.disks[0].installed != nil)
    }

    @Test func withoutALogThereIsNothingToSave() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        let refusal =
            "-ERR nothing is kept on disk: this server was started with --persistence no\r\n"
        for command in ["SAVE", "BGSAVE", "BGREWRITEAOF"] {
            #expect(node.send(client, command) == refusal)
        }
        #expect(node.send(client, "WAITAOF 1 0 0").contains("appendonly is disabled."))
        #expect(node.send(client, "WAITAOF 0 0 0") == "*2\r\n:0\r\n:0\r\n")
    }

    @Test(arguments: [1, 2])
    func waitaofWaitsForTheDisk(cores: Int) {
        let node = Self.node(cores: cores, "no")
        let client = node.connect()
        for number in 0..<20 { node.send(client, "SET key:\(number) v") }
        for core in 0..<cores { node.disks[core].keepsSyncs = true }
        #expect(node.send(client, "WAITAOF 1 0 0") == "")
        for core in 0..<cores { node.sync(core) }
        node.finish()
        #expect(node.received(client) == "*2\r\n:1\r\n:0\r\n")
        // A time-out tells how it stands.
        node.send(client, "SET key:1 w")
        #expect(node.send(client, "WAITAOF 1 0 100") == "")
        node.advance(milliseconds: 101)
        #expect(node.received(client) == "*2\r\n:0\r\n:0\r\n")
    }
}
