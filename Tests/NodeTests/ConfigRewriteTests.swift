import Node
import Testing

/// CONFIG REWRITE as far as the core goes: who is asked, what for, and what the client hears.
@Suite struct ConfigRewriteTests {
    @Test func withoutAFileThereIsNothingToRewrite() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        #expect(
            node.send(client, "CONFIG REWRITE")
                == "-ERR The server is running without a config file\r\n")
        #expect(node.rewritten == nil)
    }

    @Test func theClientHearsWhatBecameOfIt() {
        let node = NodeHarness(cores: 2, file: "/gyre.yaml")
        let client = node.connect(core: 1)
        #expect(
            node.send(client, "PING\r\nCONFIG REWRITE\r\nPING") == "+PONG\r\n+OK\r\n+PONG\r\n")
        node.rewriteFailure = "No space left on device"
        #expect(
            node.send(client, "CONFIG REWRITE")
                == "-ERR Rewriting config file: No space left on device\r\n")
        #expect(
            node.send(client, "MULTI\r\nCONFIG REWRITE\r\nEXEC").hasSuffix(
                "*1\r\n-ERR CONFIG REWRITE is not possible in a transaction\r\n"))
    }

    private func edits(
        _ node: NodeHarness, _ file: [(key: String, text: String)]
    ) -> [SettingsEdit] {
        var edits: [SettingsEdit] = []
        node.rewritten?.forEachEdit(of: file) { edits.append($0) }
        return edits
    }

    @Test func onlyWhatDiffersIsChanged() {
        var configuration = NodeConfiguration()
        configuration.clientCountMax = 50
        let node = NodeHarness(cores: 2, configuration: configuration, file: "/gyre.yaml")
        let client = node.connect()
        node.send(client, "CONFIG REWRITE")
        #expect(edits(node, []) == [], "what a flag gave is not written")
        #expect(edits(node, [("port", "7000"), ("maxclients", "50")]) == [])
        #expect(edits(node, [("maxmemory", "1gb")]) == [.set("maxmemory", to: "0")])

        node.send(client, "CONFIG SET maxmemory 100mb maxclients 60 replica-read-only no")
        node.send(client, "CONFIG SET slowlog-log-slower-than 5 requirepass pw")
        node.send(client, "CONFIG REWRITE")
        #expect(
            edits(node, [("slave-read-only", "yes"), ("maxmemory", "100mb"), ("maxclients", "50")])
                == [
                    .set("slave-read-only", to: "no"), .set("maxclients", to: "60"),
                    .set("slowlog-log-slower-than", to: "5"), .set("requirepass", to: "pw"),
                ])
        node.send(client, "CONFIG SET requirepass \"\"")
        node.send(client, "CONFIG REWRITE")
        #expect(edits(node, [("requirepass", "old")]).first == .remove("requirepass"))
    }

    @Test func parametersAreReadAsConfigSetReadsThem() {
        #expect(
            ServerParameter.read("maxmemory", "1kb") == .sound(name: "maxmemory", value: "1024"))
        #expect(
            ServerParameter.read("slave-read-only", "NO")
                == .sound(name: "replica-read-only", value: "no"))
        #expect(
            ServerParameter.read("maxmemory", "x") == .fault("argument must be a memory value"))
        #expect(
            ServerParameter.read("databases", "2") == .fault("can't set immutable config"))
        var names: Set<String> = []
        ServerParameter.forEachName { names.insert($0) }
        #expect(names.isSuperset(of: ["maxmemory", "slave-read-only", "latency-tracking"]))
        #expect(names.isDisjoint(with: ["port", "databases"]))
    }
}
