import Node
import Testing

/// What a node does while it reads its data back.
@Suite struct LoadingTests {
    private static let refusal = "-LOADING Redis is loading the dataset in memory\r\n"

    @Test(arguments: [1, 2])
    func whatNeedsTheDataIsRefused(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        node.beginLoading()
        for command in ["PING", "GET k", "SET k v", "DBSIZE", "KEYS *", "BGSAVE", "FLUSHALL"] {
            #expect(node.send(client, command) == Self.refusal, "\(command)")
        }
        for command in ["ECHO a", "CONFIG GET port", "CLIENT ID", "SELECT 0", "PUBLISH c m"] {
            #expect(!node.send(client, command).hasPrefix("-"), "\(command)")
        }
        #expect(node.info(client, "errorstats")["errorstat_LOADING"] == "count=7")
        node.endLoading()
        #expect(node.send(client, "PING") == "+PONG\r\n")
        #expect(node.send(client, "SET k v") == "+OK\r\n")
    }

    @Test func pipelinesAreRefusedOneByOne() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        node.beginLoading()
        let requests = ["SET a 1", "ECHO x", "SET b 2"]
        #expect(node.pipeline(client, requests) == Self.refusal + "$1\r\nx\r\n" + Self.refusal)
        node.endLoading()
        #expect(node.send(client, "DBSIZE") == ":0\r\n")
    }

    @Test func aTransactionIsBroken() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.beginLoading()
        #expect(node.send(client, "MULTI") == "+OK\r\n")
        #expect(node.send(client, "ECHO x") == "+QUEUED\r\n")
        #expect(node.send(client, "SET k v") == Self.refusal)
        let aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n"
        #expect(node.send(client, "EXEC") == aborted)
        #expect(node.send(client, "MULTI") == "+OK\r\n")
        #expect(node.send(client, "ECHO x") == "+QUEUED\r\n")
        #expect(node.send(client, "EXEC") == "*1\r\n$1\r\nx\r\n")
    }

    @Test(arguments: [1, 2])
    func infoSaysHowFarItIs(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        #expect(node.info(client, "persistence")["loading"] == "0")
        #expect(node.info(client, "persistence")["loading_total_bytes"] == nil)
        node.beginLoading(bytes: 250, of: 1000)
        node.advance(milliseconds: 3000)
        let info = node.info(client, "persistence")
        #expect(info["loading"] == "1")
        #expect(info["loading_start_time"] == "1000000000")
        #expect(info["loading_total_bytes"] == "\(1000 * cores)")
        #expect(info["loading_loaded_bytes"] == "\(250 * cores)")
        #expect(info["loading_loaded_perc"] == "25.00")
        #expect(info["loading_eta_seconds"] == "9")
        node.endLoading()
        #expect(node.info(client, "persistence")["loading"] == "0")
    }

    /// A removal now would come before what the log has still to say of the key.
    @Test func nothingExpiresMeanwhile() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        #expect(node.send(client, "SET k v PX 10") == "+OK\r\n")
        node.beginLoading()
        node.advance(milliseconds: 2000)
        #expect(node.info(client, "stats")["expired_keys"] == "0")
        node.endLoading()
        node.advance(milliseconds: 2000)
        #expect(node.info(client, "stats")["expired_keys"] == "1")
    }
}
