import Node
import Testing

/// SORT whose patterns name keys of several cores.
@Suite struct SortTests {
    private static func array(_ parts: [String]) -> String {
        parts.reduce("*\(parts.count)\r\n") { $0 + "$\($1.utf8.count)\r\n\($1)\r\n" }
    }

    @Test(arguments: [1, 2, 3, 5])
    func patternsReadKeysOfEveryCore(cores: Int) {
        let node = NodeHarness(cores: cores)
        for core in 0..<cores {
            let client = node.connect(core: core)
            node.send(client, "FLUSHALL")
            for number in 0..<30 {
                node.send(client, "RPUSH l \(number)")
                node.send(client, "SET w_\(number) \(30 - number)")
                node.send(client, "HSET h_\(number) f name\(number)")
            }
            let names = (0..<30).reversed().map { "name\($0)" }
            #expect(node.send(client, "SORT l BY w_* GET h_*->f") == Self.array(names))
            #expect(node.send(client, "SORT_RO l BY w_* GET h_*->f") == Self.array(names))
            #expect(node.send(client, "SORT l BY w_* GET h_*->f STORE d") == ":30\r\n")
            #expect(node.send(client, "LRANGE d 0 -1") == Self.array(names))
            #expect(
                node.send(client, "SORT l BY nosort LIMIT 3 2 GET w_*") == Self.array(["27", "26"]))
            #expect(node.send(client, "SORT none BY w_*") == "*0\r\n")
            #expect(node.send(client, "SORT w_1 BY w_*").hasPrefix("-WRONGTYPE"))
            #expect(node.send(client, "DBSIZE") == ":62\r\n")
            node.checkInvariants()
        }
    }

    /// The elements may come to be in the transaction itself.
    @Test(arguments: [1, 2, 3, 5])
    func insideOfTransactions(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect(core: cores - 1)
        node.send(client, "MSET w_1 3 w_2 2 w_3 1 x_1 9")
        let replies = node.send(
            client,
            """
            MULTI\r\nRPUSH l 1 2 3\r\nSORT l BY w_* STORE d\r\nDEL w_3\r\nSORT l BY w_* GET w_*\r
            DBSIZE\r\nEXEC\r\nLRANGE d 0 -1\r\nMGET w_1 w_2 w_3 x_1
            """)
        let expected =
            "*5\r\n:3\r\n:3\r\n:1\r\n*3\r\n$-1\r\n$1\r\n2\r\n$1\r\n3\r\n:5\r\n"
            + Self.array(["3", "2", "1"]) + "*4\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n$1\r\n9\r\n"
        #expect(replies.hasSuffix(expected), "\(replies)")
        node.checkInvariants()
    }

    /// Elements that come while the keys of earlier ones are being held: what is answered is what a
    /// single moment had, and so often as they come, there is an end.
    @Test(arguments: [2, 3, 5])
    func elementsThatComeMeanwhile(cores: Int) {
        let node = NodeHarness(cores: cores)
        let pushers = (0..<cores).map { node.connect(core: $0) }
        let sorters = (0..<cores).map { node.connect(core: $0) }
        for number in 0..<2_000 { node.send(pushers[0], "SET w_\(number) \(number % 7)") }
        node.send(pushers[0], "RPUSH l 0 1 2")
        var pushed = 3
        for sorter in sorters {
            let least = pushed
            node.begin(sorter, "SORT l BY nosort GET w_*")
            while node.received(sorter).isEmpty {
                for pusher in pushers {
                    node.begin(pusher, "RPUSH l \(pushed)")
                    pushed += 1
                }
                if !node.turn() { break }
            }
            while node.turn() {}
            let reply = node.received(sorter)
            let lines = reply.split(separator: "\r\n")
            let count = Int(lines[0].dropFirst()) ?? 0
            #expect(count >= least)
            #expect(!reply.contains("$-1"), "every element has its weight")
            node.checkInvariants()
        }
        #expect(node.send(pushers[0], "LLEN l") == ":\(pushed)\r\n")
        let rounds = node.info(pushers[0], "cores").values.compactMap { line in
            line.split(separator: ",").first { $0.hasPrefix("sort_rounds=") }
        }
        #expect(rounds.contains { $0 != "sort_rounds=0" })
    }

    /// Keys that are written and sorted by from all sides: everybody gets a reply, and weights that
    /// change together are seen together.
    @Test(arguments: [2, 3, 5])
    func weightsThatChangeTogether(cores: Int) {
        let node = NodeHarness(cores: cores)
        let writers = (0..<cores).map { node.connect(core: $0) }
        let sorters = (0..<cores).map { node.connect(core: $0) }
        node.send(writers[0], "RPUSH l 1 2 3 4")
        node.send(writers[0], "MSET w_1 0 w_2 0 w_3 0 w_4 0")
        for round in 1..<50 {
            for writer in writers {
                node.begin(writer, "MSET w_1 \(round) w_2 \(round) w_3 \(round) w_4 \(round)")
            }
            for sorter in sorters { node.begin(sorter, "SORT l BY w_* GET w_*") }
            while node.turn() {}
            for sorter in sorters {
                let values = node.received(sorter).split(separator: "\r\n").dropFirst()
                    .filter { !$0.hasPrefix("$") }
                #expect(values.count == 4)
                #expect(Set(values).count == 1)
            }
            for writer in writers { #expect(node.received(writer) == "+OK\r\n") }
        }
        node.checkInvariants()
    }

    /// On a core's own port, as in a cluster, patterns that name keys are denied.
    @Test func coresPortsDenyPatterns() {
        let node = NodeHarness(cores: 2)
        let clients = (0..<2).map { node.connect(core: $0, .core) }
        let replies = clients.map { node.send($0, "SORT k BY w_*") }.sorted()
        #expect(replies[0] == "-ERR BY option of SORT denied in Cluster mode.\r\n")
        #expect(replies[1].hasPrefix("-MOVED "))
        let owner = clients.first { !node.send($0, "TYPE k").hasPrefix("-MOVED") } ?? clients[0]
        let denied = "-ERR GET option of SORT denied in Cluster mode.\r\n"
        #expect(node.send(owner, "SORT k GET #") == denied)
        let alone = NodeHarness(cores: 1)
        #expect(alone.send(alone.connect(core: 0, .core), "SORT_RO k GET #") == denied)
        #expect(node.send(owner, "SORT k BY nosort") == "*0\r\n")
        #expect(node.send(owner, "SORT k LIMIT x 1 BY w_*").hasPrefix("-ERR value is not"))
        #expect(node.send(owner, "SORT k STORE other").hasPrefix("-CROSSSLOT"))
        #expect(node.send(owner, "SORT k BY w_* STORE other").hasPrefix("-CROSSSLOT"))
        let queued = node.send(owner, "MULTI\r\nSORT k BY w_*\r\nEXEC")
        #expect(queued.hasSuffix("*1\r\n-ERR BY option of SORT denied in Cluster mode.\r\n"))
    }
}
