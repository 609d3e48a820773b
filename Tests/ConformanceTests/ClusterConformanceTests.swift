import TestSupport
import Testing

/// CLUSTER for a cluster of one, against a redis-server in cluster mode that owns every slot.
@Suite struct ClusterConformanceTests {
    private func cluster() -> ServerOptions {
        let busPort = "\(FreePort.take())"
        return ServerOptions(extra: ["--cluster-enabled", "yes", "--cluster-port", busPort])
    }

    /// The reference's connection and that to the server under test, on its port for cluster
    /// clients.
    private func connect() throws -> (ServerProcess, ServerProcess, Duplex) {
        let reference = try ServerProcess(.reference, cluster())
        let hasNodePort = ServerProgram.subject.hasNodePort
        let subject = try ServerProcess(.subject, hasNodePort ? ServerOptions() : cluster())
        let port = hasNodePort ? subject.ports.node : subject.port
        let duplex = Duplex(try reference.connect(), try RespConnection(port: port), plant: nil)
        for (server, isReference) in [(reference, true), (subject, false)]
        where isReference || !hasNodePort {
            let client = try server.connect()
            _ = try client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            #expect(
                try Deadline.wait(seconds: 10) {
                    try client.call("CLUSTER", "INFO").text?.contains("cluster_state:ok") == true
                })
        }
        return (reference, subject, duplex)
    }

    @Test func slotsOfKeys() throws {
        let (_, _, duplex) = try connect()
        var dice = Dice(seed: 11)
        let tags = CallGenerator.keyNames + ["{a}{b}", "{{a}}", "}{a}", "{a", "a}",
        "{}{a}"].map(word)
        for key in tags + (0..<500).map({ _ in dice.bytes(count: dice.below(40)) }) {
            let difference = duplex.difference(for: Call([word("CLUSTER"), word("KEYSLOT"), key]))
            #expect(difference == nil, "\(difference.map(\.description) ?? "")")
        }
    }

    @Test func keysInSlots() throws {
        let (_, _, duplex) = try connect()
        for line in [
            "SET {a}1 x", "SET {a}2 x", "SET {a}3 x", "CLUSTER COUNTKEYSINSLOT 15495",
            "CLUSTER GETKEYSINSLOT 15495 10", "CLUSTER GETKEYSINSLOT 15495 0",
            "CLUSTER COUNTKEYSINSLOT 0", "CLUSTER COUNTKEYSINSLOT -1",
            "CLUSTER COUNTKEYSINSLOT 16384",
            "CLUSTER COUNTKEYSINSLOT x", "CLUSTER GETKEYSINSLOT 0 -1", "CLUSTER GETKEYSINSLOT 0 x",
            "CLUSTER GETKEYSINSLOT 16384 1", "CLUSTER KEYSLOT", "CLUSTER KEYSLOT a b",
            "CLUSTER nonsense", "CLUSTER", "CLUSTER MYID x", "CLUSTER SLOTS x", "READONLY",
            "READWRITE", "ASKING", "SELECT 0", "MGET {a}1 {a}2",
        ] {
            let difference = duplex.difference(for: Call(words: line))
            #expect(difference == nil, "\(difference.map(\.description) ?? "")")
        }
    }

    /// One node, every slot, and the same view in each of the commands.
    @Test func topology() throws {
        let (_, subject, _) = try connect()
        let port = ServerProgram.subject.hasNodePort ? subject.ports.node : subject.port
        let client = try RespConnection(port: port)
        let id = try #require(try client.call("CLUSTER", "MYID").text)
        #expect(id.wholeMatch(of: /[0-9a-f]{40}/) != nil)

        let slots = try #require(try client.call("CLUSTER", "SLOTS").elements)
        let ranges = slots.compactMap(\.elements).map { ($0[0].integer ?? -1, $0[1].integer ?? -1) }
        var next: Int64 = 0
        for (first, last) in ranges.sorted(by: { $0.0 < $1.0 }) {
            #expect(first == next)
            next = last + 1
        }
        #expect(next == 16_384)
        for slot in slots {
            let node = slot.elements?[2].elements
            #expect(node?[1].integer == Int64(port))
            #expect(node?[2].text == id)
        }

        let lines = (try client.call("CLUSTER", "NODES").text ?? "").split(separator: "\n")
        #expect(lines.count == 1)
        let words = lines[0].split(separator: " ").map(String.init)
        #expect(words[0] == id)
        #expect(words[2].split(separator: ",").contains("myself"))
        #expect(words[3] == "-" && words[7] == "connected")
        #expect(words[8...].joined(separator: " ") == "0-16383" || ranges.count > 1)

        let shards = try #require(try client.call("CLUSTER", "SHARDS").elements)
        #expect(shards.count == 1)
        let shard = try #require(shards.first)
        #expect(shard["nodes"]?.elements?.first?["id"]?.text == id)
        #expect(shard["nodes"]?.elements?.first?["port"]?.integer == Int64(port))
        #expect(shard["nodes"]?.elements?.first?["role"]?.text == "master")
        let bounds = shard["slots"]?.elements?.compactMap(\.integer) ?? []
        #expect(bounds.min() == 0 && bounds.max() == 16_383)

        let info = try client.call("CLUSTER", "INFO").text ?? ""
        for line in [
            "cluster_state:ok", "cluster_slots_assigned:16384", "cluster_slots_ok:16384",
            "cluster_known_nodes:1", "cluster_size:1",
        ] {
            #expect(info.contains(line), "\(line)")
        }
    }
}
