import TestSupport
import Testing

/// Searches among many places and unions of many HyperLogLogs, on the logic of whole cores.
@Suite struct LongSearchTests {
    private static let placeCount = 12_000
    private static let logCount = 300

    private static func node() -> (NodeHarness, Int) {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        for first in stride(from: 0, to: placeCount, by: 500) {
            let places = (first..<(first + 500)).map { number in
                let longitude = Double(number * 37 % 3600) / 10 - 180
                return "\(longitude) \(Double(number * 7 % 1700) / 10 - 85) m:\(number)"
            }
            node.pipeline(client, ["GEOADD geo " + places.joined(separator: " ")])
        }
        // A place that has no cell's score.
        node.send(client, "ZADD geo 3479099956230698.5 between")
        for number in 0..<logCount {
            let elements = (0..<(number % 60 == 7 ? 4000 : 9)).map { "\(number):\($0)" }
            node.pipeline(client, ["PFADD h\(number) " + elements.joined(separator: " ")])
        }
        node.pipeline(client, ["SET text abc", "SADD set a"])
        return (node, client)
    }

    private static func logs(_ numbers: Range<Int>) -> String {
        numbers.map { "h\($0)" }.joined(separator: " ")
    }

    private static let commands = [
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km ASC",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km DESC COUNT 900 WITHDIST WITHHASH",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km COUNT 7 WITHCOORD WITHHASH WITHDIST",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km COUNT 5000 ANY",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km COUNT 3000 ANY DESC",
        "GEOSEARCH geo FROMMEMBER m:5 BYBOX 30000 12000 km ASC WITHHASH",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 0 m",
        "GEORADIUS geo 10 40 19000 km STORE to", "GEORADIUS geo 10 40 19000 km STOREDIST to ASC",
        "GEORADIUS_RO geo -100 -40 19000 km WITHDIST COUNT 4000",
        "GEORADIUSBYMEMBER geo m:7 12000 mi DESC WITHDIST",
        "GEOSEARCHSTORE to geo FROMLONLAT 10 40 BYRADIUS 20000 km",
        "GEOSEARCHSTORE to geo FROMLONLAT 10 40 BYBOX 20000 9000 km COUNT 6000 DESC STOREDIST",
        "GEOSEARCHSTORE geo geo FROMLONLAT 10 40 BYRADIUS 20000 km COUNT 50",
        "GEOSEARCHSTORE set geo FROMLONLAT 10 40 BYRADIUS 20000 km",
        "PFCOUNT " + logs(0..<300), "PFCOUNT none " + logs(8..<60) + " " + logs(8..<200),
        "PFCOUNT " + logs(0..<2000), "PFCOUNT " + logs(0..<200) + " set " + logs(0..<3),
        "PFCOUNT " + logs(0..<200) + " text", "PFMERGE to " + logs(0..<300),
        "PFMERGE to none " + logs(8..<60) + " " + logs(8..<60) + " " + logs(8..<60),
        "PFMERGE h7 " + logs(0..<1500), "PFMERGE h8 " + logs(8..<50) + logs(150..<160) + " "
            + logs(8..<60) + " " + logs(70..<120),
        "PFMERGE set " + logs(0..<200), "PFMERGE to " + logs(0..<200) + " set",
    ]

    @Test(arguments: commands.indices)
    func isDoneInPartsAsAtOnce(number: Int) {
        let command = Self.commands[number]
        let (node, client) = Self.node()
        let other = node.connect()
        let before = node.works().count
        node.begin(client, [command])
        node.begin(other, ["PING"])
        node.turn()
        #expect(node.received(other) == "+PONG\r\n")
        node.finish()
        #expect(node.works().count == before + (command.contains("BYRADIUS 0") ? 0 : 1))
        #expect(node.works().elementsMax < 2048 + 1024)
        let (atOnce, asker) = Self.node()
        let worked = atOnce.works().count
        let reply = atOnce.pipeline(asker, ["MULTI", command, "PING", "EXEC"])
        #expect(atOnce.works().count == worked)
        let queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
        #expect(queued + node.received(client) + "+PONG\r\n" == reply)
        for question in [
            "ZCARD to", "ZRANGE to 0 400 WITHSCORES", "ZRANGE to -400 -1 WITHSCORES", "ZCARD geo",
            "ZCARD set", "OBJECT ENCODING to", "PFCOUNT to", "GETRANGE to 0 -1", "PFCOUNT h7",
            "GETRANGE h7 0 -1", "GETRANGE h8 0 -1", "OBJECT ENCODING h8", "TYPE set", "DBSIZE",
        ] {
            #expect(node.send(other, question) == atOnce.send(asker, question), "\(question)")
        }
        node.checkInvariants()
        node.send(other, "FLUSHALL")
        node.finish()
        node.checkInvariants()
    }

    @Test func whatIsSearchedStaysAsItIs() {
        let (node, client) = Self.node()
        let (writer, reader) = (node.connect(), node.connect())
        node.send(client, "PEXPIRE geo 50")
        node.begin(client, ["GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 21000 km ASC"])
        node.turn()
        node.begin(writer, ["ZREM geo m:1"])
        node.begin(reader, ["ZCARD geo"])
        node.turn()
        #expect(node.received(writer).isEmpty)
        node.advanceClock(milliseconds: 200)
        node.finish()
        #expect(node.received(client).hasPrefix("*\(Self.placeCount + 1)\r\n"))
        #expect(node.received(writer) == ":0\r\n")
        #expect(node.send(reader, "EXISTS geo") == ":0\r\n")
        node.checkInvariants()
    }

    @Test(arguments: ["PFCOUNT", "PFMERGE to"])
    func whatComesDueMeanwhileIsMerged(command: String) {
        let (node, client) = Self.node()
        let expected = node.send(client, "PFCOUNT " + Self.logs(0..<Self.logCount))
        for number in 0..<Self.logCount { node.send(client, "PEXPIRE h\(number) 50") }
        node.begin(client, [command + " " + Self.logs(0..<Self.logCount)])
        node.turn()
        node.advanceClock(milliseconds: 200)
        node.finish()
        if command == "PFCOUNT" { #expect(node.received(client) == expected) }
        if command != "PFCOUNT" { #expect(node.send(client, "PFCOUNT to") == expected) }
        #expect(node.send(client, "EXISTS h1 h7 h200") == ":0\r\n")
        node.checkInvariants()
    }

    @Test func aDestinationThatComesDueMeanwhileStaysDue() {
        let (node, client) = Self.node()
        node.pipeline(client, ["PFADD to a b c", "PEXPIRE to 50"])
        node.begin(client, ["PFMERGE to " + Self.logs(0..<Self.logCount)])
        node.turn()
        node.advanceClock(milliseconds: 200)
        node.finish()
        #expect(node.received(client) == "+OK\r\n")
        #expect(node.send(client, "EXISTS to") == ":0\r\n")
        node.checkInvariants()
    }

    @Test(arguments: [
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km ASC",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km",
        "PFCOUNT " + logs(0..<300),
    ])
    func whatOnlyAnswersEndsWithItsClient(command: String) {
        for turns in [1, 4] {
            let (node, client) = Self.node()
            let other = node.connect()
            node.begin(client, [command])
            for _ in 0..<turns { node.turn() }
            node.breakOff(client)
            #expect(node.finish() < 8)
            #expect(node.send(other, "DEL geo h1") == ":2\r\n")
            node.finish()
            node.checkInvariants()
            #expect(node.leak() == "1 connections")
        }
    }

    @Test func whatStoresIsDoneThoughItsClientGoes() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, ["GEOSEARCHSTORE to geo FROMLONLAT 10 40 BYRADIUS 21000 km"])
        node.turn()
        node.breakOff(client)
        node.finish()
        #expect(node.send(other, "ZCARD to") == ":\(Self.placeCount + 1)\r\n")
        node.checkInvariants()
        #expect(node.leak() == "1 connections")
    }
}
