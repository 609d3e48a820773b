import Node
import Testing

@Suite struct ClusterCommandTests {
    @Test(arguments: [Listener.gateway, .node])
    func oneEndpointHasAllSlots(listener: Listener) {
        let node = NodeHarness(cores: 3)
        let client = node.connect(core: 1, listener)
        #expect(
            node.send(client, "CLUSTER SLOTS")
                == """
                *1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$8\r\n10.0.0.9\r\n:7379\r\n$40\r\n\
                \(String(repeating: "a", count: 40))\r\n*0\r\n
                """)
    }

    @Test func eachCorePortShowsAllCoresWithEverySlotOnce() {
        let node = NodeHarness(cores: 2)
        let text = node.send(node.connect(core: 1, .core), "CLUSTER NODES")
        let lines = text.split(separator: "\n").filter { $0.contains("connected") }
            .map { $0.split(separator: " ") }
        #expect(lines.map { $0[1] } == ["10.0.0.9:8379@18379", "10.0.0.9:8380@18380"])
        #expect(lines.map { $0[2] } == ["master", "myself,master"])
        #expect(lines[0][0] != lines[1][0])
        var owned = [Int](repeating: 0, count: 16_384)
        for line in lines {
            for range in line.dropFirst(8) {
                let ends = range.split(separator: "-").compactMap { Int($0) }
                for slot in ends[0]...ends[ends.count - 1] { owned[slot] += 1 }
            }
        }
        #expect(owned.allSatisfy { $0 == 1 })
    }

    @Test func corePortsSayWhereAKeyIsAndTheOthersServeIt() {
        let node = NodeHarness(cores: 2)
        let core = node.connect(core: 0, .core)
        let other = node.connect(core: 1, .core)
        var movedCount = 0
        for key in 0..<20 {
            let reply = node.send(core, "SET k\(key) v")
            if reply == "+OK\r\n" { continue }
            movedCount += 1
            #expect(reply.hasPrefix("-MOVED ") && reply.hasSuffix(" 10.0.0.9:8380\r\n"))
            #expect(node.send(other, "SET k\(key) v") == "+OK\r\n")
        }
        #expect(movedCount > 0)
        #expect(movedCount < 20)
        #expect(
            node.send(core, "MGET " + (0..<20).map { "k\($0)" }.joined(separator: " "))
                == "-CROSSSLOT Keys in request don't hash to the same slot\r\n")
        let endpoint = node.connect(core: 0, .node)
        #expect(node.send(endpoint, "DBSIZE") == ":20\r\n")
        #expect(node.send(endpoint, "MGET k0 k1 k2").hasPrefix("*3\r\n$1\r\nv\r\n$1\r\nv\r\n"))
    }

    @Test func aCorePortKnowsSlotsAsAClusterDoes() {
        let node = NodeHarness(cores: 1)
        let core = node.connect(core: 0, .core)
        #expect(node.send(core, "MSET {k}a 1 {k}b 2") == "+OK\r\n")
        #expect(node.send(core, "MGET {k}a {k}b") == "*2\r\n$1\r\n1\r\n$1\r\n2\r\n")
        #expect(
            node.send(core, "MGET {k}a other")
                == "-CROSSSLOT Keys in request don't hash to the same slot\r\n")
        #expect(node.send(node.connect(), "MGET {k}a other") == "*2\r\n$1\r\n1\r\n$-1\r\n")
    }

    @Test func aRedirectedCommandBreaksItsTransaction() {
        let node = NodeHarness(cores: 2)
        let client = node.connect(core: 0, .core)
        node.send(client, "MULTI")
        let replies = (0..<20).map { node.send(client, "SET k\($0) v") }
        #expect(replies.contains { $0.hasPrefix("-MOVED ") })
        #expect(node.send(client, "EXEC").hasPrefix("-EXECABORT "))
    }

    @Test func keysOfASlotComeFromItsOwner() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        for key in 0..<20 { node.send(client, "SET {k\(key)}a v\r\nSET {k\(key)}b v") }
        for key in 0..<20 {
            let slot = node.send(client, "CLUSTER KEYSLOT {k\(key)}").dropFirst()
                .replacing("\r\n", with: "")
            #expect(node.send(client, "CLUSTER COUNTKEYSINSLOT \(slot)") == ":2\r\n")
            let keys = node.send(client, "CLUSTER GETKEYSINSLOT \(slot) 10")
            #expect(keys.contains("{k\(key)}a") && keys.contains("{k\(key)}b"))
            #expect(node.send(client, "CLUSTER GETKEYSINSLOT \(slot) 1").hasPrefix("*1\r\n"))
        }
        #expect(
            node.send(client, "CLUSTER COUNTKEYSINSLOT 16384") == "-ERR Invalid slot\r\n")
        #expect(node.send(client, "CLUSTER HELP").contains("+CLUSTER"))
    }

    @Test func databasesAndClusterWordsDependOnThePort() {
        let node = NodeHarness(cores: 1)
        let (gateway, cluster) = (node.connect(), node.connect(core: 0, .node))
        #expect(node.send(gateway, "SELECT 0") == "+OK\r\n")
        #expect(node.send(gateway, "SELECT 1") == "-ERR DB index is out of range\r\n")
        #expect(
            node.send(cluster, "SELECT 1")
                == "-ERR SELECT is not allowed in cluster mode\r\n")
        #expect(node.send(cluster, "READONLY") == "+OK\r\n")
        #expect(
            node.send(gateway, "READONLY")
                == "-ERR This instance has cluster support disabled\r\n")
        #expect(node.send(cluster, "INFO cluster").contains("cluster_enabled:1"))
        #expect(node.send(gateway, "INFO cluster").contains("cluster_enabled:0"))
    }
}
