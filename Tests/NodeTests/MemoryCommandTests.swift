import Node
import TestSupport
import Testing

/// What INFO memory and MEMORY say, over all cores.
@Suite struct MemoryCommandTests {
    private func number(_ fields: [String: String], _ name: String) -> Int {
        Int(fields[name] ?? "") ?? -1
    }

    private func load(_ node: NodeHarness, _ client: Int, keys: Int, bytes: Int = 900) {
        let value = String(repeating: "v", count: bytes)
        for first in stride(from: 0, to: keys, by: 50) {
            node.pipeline(client, (first..<first + 50).map { "SET key:\($0) \(value)" })
        }
    }

    @Test(arguments: [1, 3])
    func memoryIsWhatItIsMadeOf(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        let empty = node.info(client, "memory")
        #expect(number(empty, "used_memory_startup") == cores * 524_288)
        #expect(number(empty, "used_memory_dataset") == 0)
        #expect(number(empty, "used_memory") == number(empty, "used_memory_overhead"))
        load(node, client, keys: 2000)
        let full = node.info(client, "memory")
        let dataset = number(full, "used_memory_dataset")
        #expect(dataset >= 2000 * 900)
        #expect(dataset < 2000 * 1100)
        #expect(
            number(full, "used_memory") == dataset + number(full, "used_memory_overhead"))
        #expect(number(full, "used_memory_overhead") > number(empty, "used_memory_overhead"))
        #expect(number(full, "allocator_active") >= number(full, "allocator_allocated"))
        #expect(number(full, "mem_clients_normal") > 0)
        node.send(client, "FLUSHALL")
        let flushed = node.info(client, "memory")
        #expect(number(flushed, "used_memory_dataset") == 0)
        #expect(number(flushed, "used_memory_peak") >= number(full, "used_memory"))
    }

    @Test func clientsBuffersCount() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        let before = number(node.info(client, "memory"), "mem_clients_normal")
        for _ in 0..<100 { _ = node.connect() }
        let after = number(node.info(client, "memory"), "mem_clients_normal")
        #expect(after - before > 100 * 300)
        #expect(after - before < 100 * 2000)
    }

    @Test func statisticsNameTheirParts() throws {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        node.send(client, "HELLO 3")
        load(node, client, keys: 100)
        var parser = ReplyParser()
        parser.append(Array(node.send(client, "MEMORY STATS").utf8))
        let reply = try #require(try parser.next()?.reply)
        #expect(reply["keys.count"]?.integer == 100)
        let total = reply["total.allocated"]?.integer ?? 0
        let overhead = reply["overhead.total"]?.integer ?? 0
        #expect(reply["dataset.bytes"]?.integer == total - overhead)
        let startup = reply["startup.allocated"]?.integer ?? 0
        #expect(reply["keys.bytes-per-key"]?.integer == (total - startup) / 100)
        #expect((reply["db.0"]?["overhead.hashtable.main"]?.integer ?? 0) > 0)
        guard case .double = reply["dataset.percentage"] else {
            Issue.record("a percentage is a double")
            return
        }
    }

    /// What the allocators of all cores have from the system.
    private func systemBytes(_ node: NodeHarness, _ client: Int) -> Int {
        node.send(client, "MEMORY MALLOC-STATS").split(separator: "\n").reduce(0) { sum, line in
            guard line.hasSuffix("from the system") else { return sum }
            let words = line.split(separator: " ")
            return sum + (Int(words[words.count - 4]) ?? 0)
        }
    }

    @Test func purgeGivesBackWhatIsEmptyAndHarmsNothing() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        node.send(client, "SET keep me")
        load(node, client, keys: 20_000)
        node.send(client, "MEMORY PURGE")
        let full = systemBytes(node, client)
        for first in stride(from: 0, to: 20_000, by: 50) {
            node.pipeline(client, (first..<first + 50).map { "DEL key:\($0)" })
        }
        #expect(node.send(client, "MEMORY PURGE") == "+OK\r\n")
        #expect(full - systemBytes(node, client) > 5 << 20)
        #expect(node.send(client, "GET keep") == "$2\r\nme\r\n")
        load(node, client, keys: 20_000)
        #expect(node.send(client, "DBSIZE") == ":20001\r\n")
        #expect(node.send(client, "STRLEN key:19999") == ":900\r\n")
        node.checkInvariants()
    }

    @Test func theDoctorSaysWhatStandsOut() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        #expect(node.send(client, "MEMORY DOCTOR").contains("less than 5 MiB"))
        load(node, client, keys: 20_000)
        #expect(!node.send(client, "MEMORY DOCTOR").contains("Peak:"))
        for first in stride(from: 0, to: 12_000, by: 50) {
            node.pipeline(client, (first..<first + 50).map { "DEL key:\($0)" })
        }
        #expect(node.send(client, "MEMORY DOCTOR").contains("Peak:"))
        #expect(node.send(client, "MEMORY MALLOC-STATS").contains("core 0: "))
    }

    @Test(arguments: [1, 2])
    func timesToLiveAreAveraged(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        for key in 0..<200 { node.send(client, "SET k\(key) v PX \(key % 2 == 0 ? 4000 : 8000)") }
        node.send(client, "SET stays v")
        #expect(node.info(client, "keyspace")["db0"] == "keys=201,expires=200,avg_ttl=6000")
        node.advance(milliseconds: 1000)
        #expect(node.info(client, "keyspace")["db0"] == "keys=201,expires=200,avg_ttl=5000")
        node.advance(milliseconds: 4000)
        #expect(node.info(client, "keyspace")["db0"] == "keys=101,expires=100,avg_ttl=3000")
        // Of many a part is looked at.
        for first in stride(from: 0, to: 20_000, by: 50) {
            node.pipeline(client, (first..<first + 50).map { "SET l\($0) v PX \(1000 + $0)" })
        }
        let text = node.info(client, "keyspace")["db0"] ?? ""
        let mean = Int(text.split(separator: "=").last ?? "") ?? 0
        #expect(abs(mean - 11_000) < 1000)
    }
}
