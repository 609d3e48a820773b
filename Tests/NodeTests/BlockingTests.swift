import Node
import Testing

/// Clients that wait for elements, on one core and several.
@Suite struct BlockingTests {
    private static func array(_ parts: String...) -> String {
        parts.reduce("*\(parts.count)\r\n") { $0 + bulk($1) }
    }

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private static let nothing = "*-1\r\n"

    /// One client on each core, and one that pushes.
    private struct Room {
        let node: NodeHarness
        let waiters: [Int]
        let pusher: Int

        init(_ cores: Int, waiterCount: Int = 4) {
            let node = NodeHarness(cores: cores)
            self.node = node
            waiters = (0..<waiterCount).map { node.connect(core: $0 % cores) }
            pusher = node.connect(core: cores - 1)
        }

        func push(_ text: String) -> String { node.send(pusher, text) }
    }

    @Test(arguments: [1, 2, 3, 5])
    func whoCameFirstIsServedFirst(cores: Int) {
        for key in ["a", "b", "c", "d"] {
            let room = Room(cores)
            for waiter in room.waiters { #expect(room.node.send(waiter, "BLPOP \(key) 0") == "") }
            #expect(room.push("RPUSH \(key) 1 2") == ":2\r\n")
            #expect(room.node.received(room.waiters[0]) == Self.array(key, "1"))
            #expect(room.node.received(room.waiters[1]) == Self.array(key, "2"))
            #expect(room.push("RPUSH \(key) 3\r\nRPUSH \(key) 4\r\nRPUSH \(key) 5\r\nLLEN \(key)")
                == ":1\r\n:1\r\n:1\r\n:1\r\n")
            #expect(room.node.received(room.waiters[2]) == Self.array(key, "3"))
            #expect(room.node.received(room.waiters[3]) == Self.array(key, "4"))
            #expect(room.push("LRANGE \(key) 0 -1") == Self.array("5"))
        }
    }

    /// One push serves a thousand: some a turn, in their order, and nobody comes between.
    @Test func thousandsAreServedOverSeveralTurns() {
        let node = NodeHarness(cores: 1)
        let (pusher, thief) = (node.connect(), node.connect())
        let waiters = (0..<1000).map { _ in node.connect() }
        for waiter in waiters { node.begin(waiter, ["BLPOP k 0"]) }
        node.finish()
        let elements = (0..<1010).map { "\($0)" }.joined(separator: " ")
        node.begin(pusher, ["RPUSH k \(elements)", "LLEN k"])
        node.begin(thief, ["LPOP k"])
        node.turn()
        let served = waiters.count { !node.received($0).isEmpty }
        #expect(served > 100)
        #expect(served < 600)
        #expect(node.received(pusher) == ":1010\r\n")
        #expect(node.received(thief).isEmpty)
        node.breakOff(waiters[999])
        node.finish()
        for (number, waiter) in waiters.dropLast().enumerated() {
            #expect(node.received(waiter) == Self.array("k", "\(number)"))
        }
        #expect(node.received(thief) == Self.bulk("999"))
        #expect(node.send(thief, "LLEN k") == ":10\r\n")
        node.checkInvariants()
    }

    /// Who takes thousands of elements, at once or after having waited, gets them in parts; the key
    /// is held meanwhile, and what is left is the next one's.
    @Test(arguments: [1, 2, 3], ["BLMPOP 0 2 none l LEFT COUNT", "BZMPOP 0 2 none l MIN COUNT"])
    func thousandsAreTakenInParts(cores: Int, command: String) {
        let isList = command.hasPrefix("BL")
        for home in 0..<cores {
            let node = NodeHarness(cores: cores)
            let (pusher, taker) = (node.connect(core: cores - 1), node.connect(core: home))
            let next = node.connect(core: (home + 1) % cores)
            fill(node, pusher, isList: isList)
            let taken = reply(0..<9_000, isList: isList)
            let rest = reply(9_000..<12_000, isList: isList)
            let before = workCount(node, cores)
            #expect(node.send(taker, "\(command) 9000") == taken)
            #expect(node.send(next, "\(command) 9000") == rest)
            #expect(workCount(node, cores) > before)
            #expect(node.send(pusher, "EXISTS l") == ":0\r\n")
            // Now both wait, and what they wait for comes as a whole.
            node.send(taker, "\(command) 9000")
            node.send(next, "\(command) 9000")
            fill(node, pusher, isList: isList, "from")
            let waited = workCount(node, cores)
            node.begin(pusher, ["RENAME from l"])
            node.finish()
            #expect(node.received(taker) == taken)
            #expect(node.received(next) == rest)
            #expect(workCount(node, cores) > waited)
            #expect(node.send(pusher, "EXISTS l") == ":0\r\n")
            #expect(node.send(taker, "PING") == "+PONG\r\n")
            node.checkNothingIsLeft()
        }
    }

    /// A client that goes while it is being served in parts leaves the key to the next, whole or
    /// without what was taken; one whose key is due when it is served gets what was there.
    @Test(arguments: [1, 2, 3])
    func clientsThatGoWhileTheyTake(cores: Int) {
        let command = "BLMPOP 0 2 none l LEFT COUNT 9000"
        for turns in 0..<20 {
            let node = NodeHarness(cores: cores)
            let (pusher, taker) = (node.connect(), node.connect(core: cores - 1))
            let next = node.connect()
            fill(node, pusher, isList: true, "from")
            if turns % 4 == 0 { node.send(pusher, "PEXPIRE from 10") }
            node.send(taker, command)
            node.send(next, command)
            node.begin(pusher, ["RENAME from l"])
            for _ in 0..<turns { node.turn() }
            if turns % 2 == 0 { node.advanceClock(milliseconds: 20) } else { node.breakOff(taker) }
            node.finish()
            node.advance(milliseconds: 100)
            if turns % 4 != 0 {
                #expect(node.received(next).count > 20_000, "\(turns)")
            }
            #expect(node.send(pusher, "SET x 1") == "+OK\r\n")
            node.checkNothingIsLeft()
        }
    }

    private func workCount(_ node: NodeHarness, _ cores: Int) -> Int {
        (0..<cores).reduce(0) { $0 + node.works(core: $1).count }
    }

    /// A list or a sorted set of many members.
    private func fill(_ node: NodeHarness, _ client: Int, isList: Bool, _ key: String = "l") {
        for first in stride(from: 0, to: 12_000, by: 500) {
            let numbers = first..<(first + 500)
            let words =
                isList
                ? ["RPUSH", key] + numbers.map { "m\($0)" }
                : ["ZADD", key] + numbers.flatMap { ["\($0)", "m\($0)"] }
            node.pipeline(client, [words.joined(separator: " ")])
        }
    }

    /// What takes these members is answered with.
    private func reply(_ numbers: Range<Int>, isList: Bool) -> String {
        var text = "*2\r\n$1\r\nl\r\n*\(numbers.count)\r\n"
        for number in numbers {
            let member = Self.bulk("m\(number)")
            text += isList ? member : "*2\r\n" + member + Self.bulk("\(number)")
        }
        return text
    }

    /// As many waits that end at the same time.
    @Test func thousandsTimeOutOverSeveralTurns() {
        let node = NodeHarness(cores: 1)
        let waiters = (0..<1000).map { _ in node.connect() }
        for waiter in waiters { node.begin(waiter, ["BLPOP k 1"]) }
        node.finish()
        node.advanceClock(milliseconds: 1500)
        node.turn()
        #expect(waiters.count { !node.received($0).isEmpty } < 600)
        node.finish()
        for waiter in waiters { #expect(node.received(waiter) == Self.nothing) }
        node.checkInvariants()
    }

    @Test(arguments: [1, 2, 3, 5])
    func aTransactionIsOverBeforeAnybodyIsServed(cores: Int) {
        let room = Room(cores)
        room.node.send(room.waiters[0], "BLPOP k 0")
        room.node.send(room.waiters[1], "BRPOP other k 0")
        let replies = room.push(
            "MULTI\r\nLPUSH k 1\r\nLPUSH k 2 3\r\nDEL k\r\nRPUSH k a b c\r\nEXEC\r\nLRANGE k 0 -1")
        #expect(replies.hasSuffix("*4\r\n:1\r\n:3\r\n:1\r\n:3\r\n" + Self.array("b")))
        #expect(room.node.received(room.waiters[0]) == Self.array("k", "a"))
        #expect(room.node.received(room.waiters[1]) == Self.array("k", "c"))
    }

    @Test(arguments: [1, 2, 3, 5])
    func manyKeysServeOneClientOnce(cores: Int) {
        let room = Room(cores)
        let keys = (0..<6).map { "k\($0)" }
        for key in keys {
            #expect(room.node.send(room.waiters[0], "BLPOP \(keys.joined(separator: " ")) 0") == "")
            #expect(room.push("RPUSH \(key) x y") == ":2\r\n")
            #expect(room.node.received(room.waiters[0]) == Self.array(key, "x"))
            #expect(room.push("LLEN \(key)\r\nDEL \(key)") == ":1\r\n:1\r\n")
        }
        // All at once: one is served, whichever it is.
        room.node.send(room.waiters[0], "BLPOP \(keys.joined(separator: " ")) 0")
        let pushes = keys.map { "RPUSH \($0) \($0)" }.joined(separator: "\r\n")
        _ = room.push("MULTI\r\n\(pushes)\r\nEXEC")
        let left = keys.filter { room.push("LLEN \($0)") == ":1\r\n" }
        #expect(left.count == keys.count - 1)
        let taken = keys.first { !left.contains($0) } ?? ""
        #expect(room.node.received(room.waiters[0]) == Self.array(taken, taken))
    }

    @Test(arguments: [1, 2, 3])
    func requestsBehindWait(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            let text = "PING\r\nBLPOP \(key) 0\r\nLLEN \(key)\r\nBLPOP \(key) 0\r\nPING"
            #expect(room.node.send(room.waiters[0], text) == "+PONG\r\n")
            room.node.send(room.waiters[0], "ECHO later")
            #expect(room.push("RPUSH \(key) 1") == ":1\r\n")
            #expect(room.node.received(room.waiters[0]) == Self.array(key, "1") + ":0\r\n")
            _ = room.push("RPUSH \(key) 2")
            #expect(room.node.received(room.waiters[0]).hasSuffix(
                Self.array(key, "2") + "+PONG\r\n" + Self.bulk("later")))
        }
    }

    @Test(arguments: [1, 2, 3])
    func anElementThatIsThereIsTakenAtOnce(cores: Int) {
        for key in ["a", "b", "c", "d"] {
            let room = Room(cores)
            _ = room.push("RPUSH \(key) 1 2 3 4 5")
            let waiter = room.waiters[0]
            #expect(room.node.send(waiter, "BLPOP none \(key) 0") == Self.array(key, "1"))
            #expect(room.node.send(waiter, "BRPOP \(key) 1") == Self.array(key, "5"))
            #expect(
                room.node.send(waiter, "BLMPOP 0 2 no \(key) RIGHT COUNT 2")
                    == "*2\r\n" + Self.bulk(key) + Self.array("4", "3"))
            #expect(room.node.send(waiter, "BRPOPLPUSH \(key) there 0") == Self.bulk("2"))
            #expect(room.node.send(waiter, "BLMOVE there back LEFT LEFT 0") == Self.bulk("2"))
            #expect(room.push("LRANGE back 0 -1") == Self.array("2"))
        }
    }

    @Test(arguments: [1, 2, 3, 5])
    func aMoveWakesWhoWaitsForItsTarget(cores: Int) {
        for number in 0..<6 {
            let room = Room(cores, waiterCount: 3)
            let keys = (0..<3).map { "k\(number)-\($0)" }
            room.node.send(room.waiters[0], "BLMOVE \(keys[0]) \(keys[1]) LEFT RIGHT 0")
            room.node.send(room.waiters[1], "BRPOPLPUSH \(keys[1]) \(keys[2]) 0")
            room.node.send(room.waiters[2], "BLMPOP 0 1 \(keys[2]) LEFT")
            #expect(room.push("RPUSH \(keys[0]) x") == ":1\r\n")
            #expect(room.node.received(room.waiters[0]) == Self.bulk("x"))
            #expect(room.node.received(room.waiters[1]) == Self.bulk("x"))
            #expect(
                room.node.received(room.waiters[2])
                    == "*2\r\n" + Self.bulk(keys[2]) + Self.array("x"))
            for key in keys { #expect(room.push("EXISTS \(key)") == ":0\r\n") }
        }
    }

    @Test(arguments: [1, 2, 3])
    func aTargetOfAnotherTypeFailsTheMoveAndKeepsTheElement(cores: Int) {
        for number in 0..<4 {
            let room = Room(cores)
            room.node.send(room.waiters[0], "BLMOVE s\(number) t\(number) LEFT LEFT 0")
            room.node.send(room.waiters[1], "BLPOP s\(number) 0")
            _ = room.push("SET t\(number) v")
            _ = room.push("RPUSH s\(number) x")
            #expect(room.node.received(room.waiters[0]).hasPrefix("-WRONGTYPE"))
            #expect(room.node.received(room.waiters[1]) == Self.array("s\(number)", "x"))
        }
    }

    @Test(arguments: [1, 2, 3])
    func otherTypesServeNobody(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            room.node.send(room.waiters[0], "BLPOP \(key) 0")
            _ = room.push("SET \(key) v\r\nDEL \(key)\r\nSADD \(key) m\r\nDEL \(key)")
            #expect(room.node.received(room.waiters[0]) == "")
            _ = room.push("RPUSH elsewhere x\r\nRENAME elsewhere \(key)")
            #expect(room.node.received(room.waiters[0]) == Self.array(key, "x"))
            room.node.send(room.waiters[0], "BLPOP \(key) 0")
            _ = room.push("RPUSH elsewhere y\r\nCOPY elsewhere \(key)")
            #expect(room.node.received(room.waiters[0]) == Self.array(key, "y"))
        }
    }

    @Test(arguments: [1, 2, 3])
    func timeouts(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            room.node.send(room.waiters[0], "BLPOP \(key) 0.5")
            room.node.send(room.waiters[1], "BLMOVE \(key) x LEFT LEFT 0.2")
            room.node.send(room.waiters[2], "BLPOP \(key) x y z 1")
            room.node.advance(milliseconds: 199)
            #expect(room.node.received(room.waiters[1]) == "")
            room.node.advance(milliseconds: 1)
            #expect(room.node.received(room.waiters[1]) == Self.nothing)
            room.node.advance(milliseconds: 300)
            #expect(room.node.received(room.waiters[0]) == Self.nothing)
            #expect(room.node.received(room.waiters[2]) == "")
            #expect(room.push("RPUSH \(key) 1") == ":1\r\n")
            #expect(room.node.received(room.waiters[2]) == Self.array(key, "1"))
            room.node.advance(milliseconds: 5_000)
            #expect(room.node.received(room.waiters[2]) == Self.array(key, "1"))
            #expect(room.node.send(room.waiters[0], "PING") == "+PONG\r\n")
        }
    }

    @Test(arguments: [1, 2, 3])
    func insideOfATransactionNobodyWaits(cores: Int) {
        let room = Room(cores)
        let text = """
            MULTI\r\nBLPOP a b c d 0\r\nBLMOVE a b LEFT LEFT 0\r\nBRPOPLPUSH a c 0\r\n\
            BLMPOP 0 2 a d LEFT\r\nRPUSH a 1\r\nBRPOP b a 0\r\nEXEC\r\nPING
            """
        #expect(
            room.push(text).hasSuffix(
                "*6\r\n*-1\r\n$-1\r\n$-1\r\n*-1\r\n:1\r\n" + Self.array("a", "1") + "+PONG\r\n"))
    }

    @Test(arguments: [1, 2, 3])
    func clientUnblock(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            let number = room.node.send(room.waiters[0], "CLIENT ID").filter(\.isNumber)
            #expect(room.push("CLIENT UNBLOCK \(number)") == ":0\r\n")
            room.node.send(room.waiters[0], "BLPOP \(key) other 0")
            #expect(room.push("CLIENT LIST").contains(" flags=b "))
            #expect(room.push("INFO clients").contains("blocked_clients:1\r\n"))
            #expect(room.push("CLIENT UNBLOCK \(number)") == ":1\r\n")
            #expect(room.node.received(room.waiters[0]) == Self.nothing)
            room.node.send(room.waiters[0], "BLPOP \(key) 0")
            #expect(room.push("CLIENT UNBLOCK \(number) ERROR") == ":1\r\n")
            #expect(
                room.node.received(room.waiters[0])
                    == "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n")
            #expect(room.push("CLIENT UNBLOCK \(number) TIMEOUT") == ":0\r\n")
            #expect(room.push("INFO clients").contains("blocked_clients:0\r\n"))
            #expect(room.push("RPUSH \(key) 1\r\nLLEN \(key)") == ":1\r\n:1\r\n")
        }
    }

    @Test(arguments: [1, 2, 3])
    func whoIsKilledTakesNothing(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            let number = room.node.send(room.waiters[0], "CLIENT ID").filter(\.isNumber)
            room.node.send(room.waiters[0], "BLPOP \(key) more 0")
            room.node.send(room.waiters[1], "BLPOP \(key) 0")
            #expect(room.push("CLIENT KILL ID \(number)") == ":1\r\n")
            #expect(room.node.isClosed(room.waiters[0]))
            #expect(room.push("RPUSH \(key) 1 2") == ":2\r\n")
            #expect(room.node.received(room.waiters[1]) == Self.array(key, "1"))
            #expect(room.push("LRANGE \(key) 0 -1") == Self.array("2"))
        }
    }

    @Test(arguments: [1, 2])
    func repliesThatAreOffStayOff(cores: Int) {
        for key in ["a", "b"] {
            let room = Room(cores)
            let text = "CLIENT REPLY SKIP\r\nBLPOP \(key) 0\r\nECHO x"
            #expect(room.node.send(room.waiters[0], text) == "")
            _ = room.push("RPUSH \(key) 1")
            #expect(room.node.received(room.waiters[0]) == Self.bulk("x"))
            #expect(room.push("EXISTS \(key)") == ":0\r\n")
        }
    }

    @Test(arguments: [1, 2])
    func aMonitorSeesAWaitOnce(cores: Int) {
        for key in ["a", "b"] {
            let room = Room(cores)
            let monitor = room.node.connect(core: 0)
            room.node.send(monitor, "MONITOR")
            room.node.send(room.waiters[0], "BLPOP \(key) 0")
            _ = room.push("RPUSH \(key) 1")
            let seen = room.node.received(monitor)
            #expect(seen.components("\"BLPOP\"") == 1)
            #expect(seen.components("\"RPUSH\"") == 1)
        }
    }

    @Test(arguments: [1, 2, 3])
    func errorsDoNotWait(cores: Int) {
        for key in ["a", "b", "c"] {
            let room = Room(cores)
            _ = room.push("SET \(key) v")
            let waiter = room.waiters[0]
            #expect(room.node.send(waiter, "BLPOP \(key) 0").hasPrefix("-WRONGTYPE"))
            #expect(room.node.send(waiter, "BLPOP none \(key) 0").hasPrefix("-WRONGTYPE"))
            #expect(
                room.node.send(waiter, "BLPOP none other \(key) -1")
                    == "-ERR timeout is negative\r\n")
            #expect(
                room.node.send(waiter, "BLMOVE \(key) none LEFT LEFT x")
                    == "-ERR timeout is not a float or out of range\r\n")
            #expect(room.node.send(waiter, "BLMPOP 0 0 \(key) LEFT").hasPrefix("-ERR numkeys"))
        }
    }
}

extension String {
    /// How often a text is in this one.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
