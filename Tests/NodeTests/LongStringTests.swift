import TestSupport
import Testing

/// Very long strings that are stored, on the logic of whole cores.
@Suite struct LongStringTests {
    /// Digits that differ everywhere, in two parts with a line end between them: as they come.
    private static let parts = [
        (0..<350_000).map { "\($0)" }.joined(separator: "-"),
        (350_000..<650_000).map { "\($0)" }.joined(separator: "-"),
    ]
    private static let text = parts[0] + "\r\n" + parts[1]

    private struct Room {
        let node: NodeHarness
        let client: Int
        let other: Int
        let tag: String

        /// - Parameter owner: of the keys; the client is the first core's.
        init(cores: Int, owner: Int) {
            let node = NodeHarness(cores: cores)
            self.node = node
            client = node.connect()
            other = node.connect(core: cores - 1)
            tag = (0...).lazy.map { "{\($0)}" }.first { node.owner(of: $0) == owner } ?? ""
            node.send(other, "SETRANGE old\(tag) 8999999 x")
            node.send(other, "SETRANGE old\(tag) 1000 abc")
            node.pipeline(other, ["SET small\(tag) 12345", "SADD set\(tag) a"])
        }

        /// The words as one request whose "@" stands for the tag of keys.
        func words(_ command: String) -> [String] {
            command.split(separator: " ").map { String($0.replacing("@", with: tag)) }
        }

        /// Lets the client send a command in two parts, "T" being the long string.
        func begin(_ command: String) {
            let words = words(command)
            var head = "*\(words.count)\r\n"
            var tail = ""
            for (place, word) in words.enumerated() {
                if word == "T" {
                    head += "$\(LongStringTests.text.utf8.count)\r\n" + LongStringTests.parts[0]
                    node.begin(client, head)
                    tail = LongStringTests.parts[1]
                } else if tail.isEmpty {
                    head += "$\(word.utf8.count)\r\n\(word)\r\n"
                } else {
                    tail += "\r\n$\(word.utf8.count)\r\n\(word)"
                }
                if place == words.count - 1 { node.begin(client, tail.isEmpty ? head : tail) }
            }
        }

        /// What tells the keys apart.
        var questions: [String] {
            ["k", "old", "small", "set"].flatMap { key in
                [
                    "STRLEN", "BITCOUNT", "OBJECT ENCODING", "TYPE",
                ].map { "\($0) \(key)@" } + [
                    "GETRANGE \(key)@ 0 60", "GETRANGE \(key)@ -60 -1",
                    "GETRANGE \(key)@ 2000000 2000100", "GETRANGE \(key)@ 8999990 9000100",
                    "EXPIRETIME \(key)@",
                ]
            }
        }
    }

    private static let commands = [
        "SET k@ T", "SET small@ T", "SET old@ T", "SET set@ T", "SET k@ T EX 100",
        "SET small@ T NX", "SET small@ T XX KEEPTTL", "SET k@ T XX", "SET small@ T GET",
        "SET set@ T GET", "SET k@ T EX 0", "SETEX k@ 100 T", "PSETEX old@ 100000 T", "SETNX k@ T",
        "SETNX old@ T", "GETSET small@ T", "APPEND k@ T", "APPEND old@ T", "APPEND small@ T",
        "APPEND set@ T", "SETRANGE k@ 5 T", "SETRANGE old@ 3 T", "SETRANGE old@ 9100000 T",
        "SETRANGE small@ 12000000 T", "SETRANGE set@ 1 T",
        "GETSET old@ T", "SET old@ T GET", "SET old@ T NX GET", "SET old@ T XX GET KEEPTTL",
        "SET old@ 5 GET EX 100", "GETSET old@ 7", "GETSET set@ T", "GETDEL old@",
        "GETEX old@ EX 100", "GETEX old@ PERSIST", "GETEX old@", "SET old@ 5 GET EX 0",
        "MSET small@ T k@ 1", "MSET k@ 1 old@ T set@ 3", "MSETNX k@ T l@ 1",
        "MSETNX k@ T small@ 1", "SETBIT old@ 100000000 0", "SETBIT old@ 100000007 1",
        "BITFIELD old@ SET u8 120000000 3 INCRBY u8 8000 1",
        "BITFIELD old@ OVERFLOW FAIL SET u8 120000000 300", "SETBIT set@ 100000000 1",
    ]

    @Test(arguments: commands)
    func isDoneInPartsAsAtOnce(command: String) {
        for (cores, owner) in [(1, 0), (2, 1)] {
            let room = Room(cores: cores, owner: owner)
            let node = room.node
            let before = node.works(core: owner).count
            room.begin(command)
            node.begin(room.other, ["PING"])
            node.turn()
            #expect(node.received(room.other) == "+PONG\r\n")
            node.finish()
            // What is refused is so at once, where that is known before.
            let isRefused = command == "APPEND set@ T"
                || command.hasPrefix("SETRANGE set@") || command.hasPrefix("SETBIT set@")
                || command.hasSuffix(" EX 0") && command.hasPrefix("SET ")
            #expect(node.works(core: owner).count == before + (isRefused ? 0 : 1))
            #expect(node.works(core: owner).elementsMax < 2048 + 256)
            let atOnce = Room(cores: 1, owner: 0)
            let works = atOnce.node.works().count
            atOnce.node.begin(atOnce.client, ["MULTI"])
            atOnce.node.finish()
            atOnce.begin(command)
            atOnce.node.finish()
            atOnce.node.begin(atOnce.client, ["PING", "EXEC"])
            atOnce.node.finish()
            #expect(atOnce.node.works().count == works)
            let reply = "+QUEUED\r\n*2\r\n" + node.received(room.client) + "+PONG\r\n"
            #expect(atOnce.node.received(atOnce.client) == reply)
            for question in room.questions {
                let answer = node.pipeline(
                    room.other, [room.words(question).joined(separator: " ")])
                let expected = atOnce.node.pipeline(
                    atOnce.other, [atOnce.words(question).joined(separator: " ")])
                #expect(answer == expected, "\(question)")
            }
            node.checkInvariants()
            node.send(room.other, "FLUSHALL")
            node.breakOff(room.client)
            node.breakOff(room.other)
            node.finish()
            node.checkNothingIsLeft()
        }
    }

    /// An old value is answered with as it was when the command came, and the command is done then.
    @Test(arguments: ["GETDEL old", "GETEX old PERSIST", "GETSET old 1", "SET old 2 GET XX"])
    func oldValuesThatComeDueMeanwhile(command: String) {
        let node = NodeHarness(cores: 1)
        let (client, other) = (node.connect(), node.connect())
        node.send(client, "SETRANGE old 8999999 x")
        node.send(client, "PEXPIRE old 10")
        node.begin(client, [command])
        node.turn()
        node.begin(other, ["EXISTS old"])
        node.advanceClock(milliseconds: 20)
        node.finish()
        #expect(node.received(client).utf8.count == 9_000_000 + 12)
        let isGone = command.hasPrefix("GETDEL")
        #expect(node.received(other) == (isGone ? ":0\r\n" : ":1\r\n"))
        node.checkInvariants()
    }

    /// Values for keys of several cores, in one long request.
    @Test(arguments: [2, 3], ["MSET", "MSETNX"])
    func longValuesForSeveralCores(cores: Int, name: String) {
        let node = NodeHarness(cores: cores)
        let (client, other) = (node.connect(), node.connect(core: 1))
        let values = (0..<6).map { String(repeating: "\($0)", count: 1_500_000) }
        let pairs = values.indices.map { "k\($0) \(values[$0])" }.joined(separator: " ")
        let done = name == "MSET" ? "+OK\r\n" : ":1\r\n"
        #expect(node.pipeline(client, ["\(name) \(pairs)"]) == done)
        for (place, value) in values.enumerated() {
            #expect(node.send(other, "GET k\(place)") == "$1500000\r\n\(value)\r\n")
        }
        #expect(node.pipeline(client, ["MSETNX " + pairs]) == ":0\r\n")
        // What is queued is done in parts as well.
        let queued = ["MULTI", "MSET " + pairs, "SET k0 1", "GETSET k1 2", "EXEC"]
        let reply = node.pipeline(client, queued)
        #expect(reply.hasSuffix("*3\r\n+OK\r\n+OK\r\n$1500000\r\n\(values[1])\r\n"))
        node.checkInvariants()
        node.send(other, "FLUSHALL")
        node.finish()
        node.checkNothingIsLeft()
    }

    @Test func nobodySeesTheMiddle() {
        for command in ["SET old@ T", "APPEND old@ T", "SETRANGE old@ 3 T"] {
            let room = Room(cores: 1, owner: 0)
            let reader = room.node.connect()
            room.begin(command)
            room.node.turn()
            room.node.begin(reader, ["STRLEN old" + room.tag])
            room.node.turn()
            #expect(room.node.received(reader).isEmpty)
            room.node.finish()
            let length = Self.text.utf8.count
            let lengths = ["SET old@ T": length, "APPEND old@ T": length + 9_000_000]
            #expect(room.node.received(reader) == ":\(lengths[command] ?? 9_000_000)\r\n")
        }
    }

    @Test func isDoneThoughTheClientGoes() {
        for (cores, owner) in [(1, 0), (2, 1)] {
            let room = Room(cores: cores, owner: owner)
            room.begin("SET k@ T")
            room.node.turn()
            room.node.breakOff(room.client)
            room.node.finish()
            let length = Self.text.utf8.count
            #expect(room.node.send(room.other, "STRLEN k" + room.tag) == ":\(length)\r\n")
            room.node.checkInvariants()
        }
    }

    @Test func aKeyThatComesDueMeanwhile() {
        let left = ["SET old@ T": 1, "SET old@ T KEEPTTL": 1, "APPEND old@ T": 0]
        for (command, left) in left {
            let room = Room(cores: 1, owner: 0)
            room.node.send(room.other, "PEXPIRE old\(room.tag) 50")
            room.begin(command)
            room.node.turn()
            room.node.advanceClock(milliseconds: 200)
            room.node.finish()
            #expect(room.node.send(room.other, "EXISTS old" + room.tag) == ":\(left)\r\n")
            #expect(room.node.send(room.other, "DBSIZE") == ":\(2 + left)\r\n")
            room.node.checkInvariants()
        }
    }

    /// What was sent behind a request that was taken over with its memory is run as well.
    @Test func requestsBehindAreRun() {
        let room = Room(cores: 1, owner: 0)
        let count = Self.text.utf8.count
        let head = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$\(count)\r\n"
        room.node.begin(room.client, "PING\r\n" + head + Self.parts[0])
        room.node.begin(room.client, Self.parts[1] + "\r\nSTRLEN a\r\n" + head + Self.parts[0])
        room.node.begin(room.client, Self.parts[1] + "\r\nSTRLEN a\r\nSET a 1\r\nGET a")
        room.node.finish()
        #expect(
            room.node.received(room.client)
                == "+PONG\r\n+OK\r\n:\(count)\r\n+OK\r\n:\(count)\r\n+OK\r\n$1\r\n1\r\n")
        room.node.checkInvariants()
    }
}
