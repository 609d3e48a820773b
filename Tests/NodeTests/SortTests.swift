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

    // MARK: Many elements

    /// A list of many elements, whose names have strings and hashes; made by `client`.
    private static func fill(_ node: NodeHarness, _ client: Int, count: Int = 1_500) {
        for first in stride(from: 0, to: count, by: 500) {
            let numbers = first..<(first + 500)
            node.pipeline(
                client,
                [
                    (["RPUSH", "l"] + numbers.map { "\($0)" }).joined(separator: " "),
                    (["SADD", "s"] + numbers.map { "m\($0)" }).joined(separator: " "),
                    (["ZADD", "z"] + numbers.flatMap { ["\($0)", "\($0)"] })
                        .joined(separator: " "),
                ])
            for number in numbers where number % 7 != 0 {
                node.pipeline(
                    client,
                    [
                        "SET w_\(number) \((number * 17) % 1_009)",
                        "HSET h_\(number) f name\(number * 31 % 997)",
                        "SET w_m\(number) weight\((number * 13) % 911)",
                    ])
            }
        }
        // Longer than an answer, and than a part of a reply.
        let long = String(repeating: "x", count: 300_000)
        node.pipeline(client, ["SET w_21 0", "APPEND long_21 " + long])
        node.pipeline(client, ["SET due_30 1 PX 5", "HSET w_70 f 1"])
        node.advance(milliseconds: 10)
    }

    private static let many = [
        "SORT l BY w_* GET # GET h_*->f", "SORT_RO l BY w_* DESC LIMIT 100 700 GET w_* GET none",
        "SORT l BY h_*->f ALPHA", "SORT z BY w_m* ALPHA DESC GET # GET w_m*", "SORT l GET long_*",
        "SORT z BY nosort DESC GET w_* GET due_*", "SORT z BY w_* ALPHA LIMIT 20 1",
        "SORT l BY h_*->f GET #", "SORT l BY w_* GET h_*->f GET # STORE to",
        "SORT l BY nosort GET long_* GET w_* STORE to", "SORT l BY w_* LIMIT 5000 1 STORE to",
        "SORT s BY nosort GET w_* STORE to", "SORT l BY long_* ALPHA GET to STORE l",
    ]

    /// What is done in parts, over keys of all cores, is what would be done at once.
    @Test(arguments: [1, 2, 3, 5])
    func manyElements(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect(core: cores - 1)
        let other = node.connect()
        Self.fill(node, client)
        let atOnce = NodeHarness(cores: 1)
        let asker = atOnce.connect()
        Self.fill(atOnce, asker)
        for command in Self.many {
            let before = (0..<cores).reduce(0) { $0 + node.works(core: $1).count }
            node.begin(client, [command])
            node.begin(other, ["PING"])
            node.turn()
            #expect(node.received(other) == "+PONG\r\n")
            node.finish()
            #expect((0..<cores).reduce(0) { $0 + node.works(core: $1).count } == before + 1)
            let reply = atOnce.pipeline(asker, ["MULTI", command, "PING", "EXEC"])
            let queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
            #expect(queued + node.received(client) + "+PONG\r\n" == reply, "\(command)")
            for key in ["to", "l"] {
                let question = "LRANGE \(key) 0 -1"
                #expect(node.send(other, question) == atOnce.send(asker, question))
            }
            node.checkInvariants()
        }
        node.checkNothingIsLeft()
    }

    @Test(arguments: [1, 2, 3])
    func manyElementsInTransactions(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect(core: cores - 1)
        Self.fill(node, client)
        let asked = "SORT l BY w_* GET w_* LIMIT 0 900"
        let alone = node.send(client, asked)
        let replies = node.pipeline(client, ["MULTI", "SET w_0 -1", asked, "SET x 1", "EXEC"])
        let prefix = "+OK\r\n" + String(repeating: "+QUEUED\r\n", count: 3) + "*3\r\n+OK\r\n"
        #expect(replies.hasPrefix(prefix + "*900\r\n$2\r\n-1\r\n"))
        #expect(replies.hasSuffix("+OK\r\n"))
        #expect(alone.hasPrefix("*900\r\n"))
        node.checkInvariants()
    }

    /// A client that goes in the middle leaves nothing behind, and nothing held.
    @Test(arguments: [1, 2, 3], ["SORT l BY w_* GET w_*", "SORT l BY w_* GET w_* STORE to"])
    func clientsThatGo(cores: Int, command: String) {
        let node = NodeHarness(cores: cores)
        let other = node.connect()
        Self.fill(node, other)
        for turns in 1..<40 {
            let client = node.connect(core: cores - 1)
            node.begin(client, [command])
            for _ in 0..<turns { node.turn() }
            node.breakOff(client)
            node.finish()
            #expect(node.send(other, "SET w_1 2") == "+OK\r\n")
            node.checkInvariants()
        }
        node.checkNothingIsLeft()
    }

    /// Weights that change together while many elements are sorted by them: what is seen of them
    /// is what one moment had.
    @Test(arguments: [1, 2, 3])
    func manyWeightsOfOneMoment(cores: Int) {
        let node = NodeHarness(cores: cores)
        let writers = (0..<cores).map { node.connect(core: $0) }
        let sorters = (0..<cores).map { node.connect(core: $0) }
        Self.fill(node, writers[0])
        for writer in writers { node.send(writer, "PING") }
        let keys = [1, 300, 800, 1_400]
        for round in 1..<12 {
            for sorter in sorters { node.begin(sorter, "SORT l BY w_* GET # GET w_*") }
            while sorters.contains(where: { node.received($0).isEmpty }), node.turn() {
                if let writer = writers.first(where: { !node.received($0).isEmpty }) {
                    let pairs = keys.map { "w_\($0) \(-round)" }.joined(separator: " ")
                    node.begin(writer, "MSET " + pairs)
                }
            }
            node.finish()
            for sorter in sorters {
                let values = node.received(sorter).split(separator: "\r\n")
                    .filter { !$0.hasPrefix("$") || $0 == "$-1" }
                #expect(values.first == "*3000")
                var seen: Set<Substring> = []
                for place in stride(from: 1, to: values.count - 1, by: 2)
                where keys.contains(Int(values[place]) ?? -1) {
                    seen.insert(values[place + 1])
                }
                #expect(seen.count == 1 || round == 1)
            }
            for writer in writers { node.send(writer, "PING") }
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
