import TestSupport
import Testing

/// CLIENT TRACKING: its arguments, and who is told of which writes.
@Suite struct TrackingConformanceTests {
    static let arguments: [[String]] = [
        ["CLIENT TRACKING", "CLIENT TRACKING ON", "CLIENT TRACKING maybe", "CLIENT TRACKING ON x",
         "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "CLIENT TRACKING OFF", "CLIENT TRACKINGINFO",
         "CLIENT GETREDIR", "CLIENT TRACKINGINFO x", "CLIENT GETREDIR x"],
        ["CLIENT TRACKING ON REDIRECT", "CLIENT TRACKING ON REDIRECT x",
         "CLIENT TRACKING ON REDIRECT 99999", "CLIENT TRACKING ON REDIRECT 0",
         "CLIENT TRACKING ON REDIRECT -1", "CLIENT TRACKING ON REDIRECT 99999 x",
         "CLIENT TRACKING ON x REDIRECT 99999", "CLIENT TRACKING OFF REDIRECT 99999"],
        ["CLIENT TRACKING ON PREFIX a", "CLIENT TRACKING ON BCAST PREFIX",
         "CLIENT TRACKING ON BCAST PREFIX a PREFIX ab",
         "CLIENT TRACKING ON BCAST PREFIX ab PREFIX a",
         "CLIENT TRACKING ON BCAST PREFIX \"\" PREFIX x",
         "CLIENT TRACKING ON BCAST PREFIX b PREFIX a",
         "CLIENT TRACKINGINFO", "CLIENT TRACKING ON BCAST PREFIX c", "CLIENT TRACKINGINFO",
         "CLIENT TRACKING ON BCAST PREFIX aa", "CLIENT TRACKING ON", "CLIENT TRACKING ON OPTIN",
         "CLIENT TRACKING ON BCAST OPTIN", "CLIENT TRACKING ON BCAST", "CLIENT TRACKINGINFO",
         "CLIENT TRACKING ON BCAST NOLOOP", "CLIENT TRACKINGINFO", "CLIENT CACHING YES"],
        ["CLIENT TRACKING ON OPTIN OPTOUT", "CLIENT TRACKING ON OPTIN", "CLIENT TRACKING ON OPTOUT",
         "CLIENT TRACKINGINFO", "CLIENT TRACKING ON", "CLIENT TRACKINGINFO", "CLIENT CACHING YES",
         "CLIENT TRACKING ON NOLOOP OPTOUT", "CLIENT TRACKINGINFO", "CLIENT CACHING YES",
         "CLIENT CACHING NO", "CLIENT TRACKINGINFO", "GET k", "CLIENT TRACKINGINFO",
         "CLIENT CACHING maybe", "CLIENT CACHING", "CLIENT TRACKING ON BCAST"],
        ["CLIENT CACHING YES", "CLIENT CACHING maybe", "CLIENT TRACKING ON OPTIN",
         "CLIENT CACHING NO", "CLIENT CACHING YES", "CLIENT TRACKINGINFO", "RESET",
         "CLIENT TRACKINGINFO"],
        ["MULTI", "CLIENT TRACKING ON BCAST PREFIX a", "CLIENT TRACKINGINFO",
         "CLIENT TRACKING OFF", "CLIENT TRACKING ON BCAST PREFIX a", "CLIENT GETREDIR", "EXEC"],
    ]

    /// Connection 0 remembers keys, the others write; keys are read and written one at a time.
    static let invalidations: [[String]] = [
        ["0> CLIENT TRACKING ON", "0> GET k", "1> SET k 1", "1> SET k 2", "0> GET k",
         "1> DEL nope", "1> GET k", "1> DEL k", "1> SET k 3"],
        ["0> CLIENT TRACKING ON", "0> SET k 1", "0> GET k", "0> SET k 2", "0> GET k", "0> INCR k"],
        ["0> CLIENT TRACKING ON", "0> MGET a b c a", "1> SET a 1", "1> SET b 1", "1> SET d 1",
         "1> SET c 1", "0> EXISTS a b", "1> APPEND a x", "1> DEL b", "0> TTL a", "1> EXPIRE a 100",
         "0> TYPE a", "1> PERSIST a", "0> STRLEN a", "1> SETRANGE a 0 \"\"", "1> SETRANGE a 0 y",
         "0> OBJECT ENCODING a", "1> GETEX a EX 100", "0> TOUCH a", "1> GETDEL a"],
        ["0> CLIENT TRACKING ON", "0> GET {t}a ;; GET {t}b", "1> SET {t}a 1", "0> GET {t}a",
         "1> RENAME {t}a {t}b", "0> GET {t}c", "1> COPY {t}b {t}c", "0> LCS {t}b {t}c",
         "1> SET {t}c 1", "1> SET {t}b 1"],
        ["1> SET k 1", "0> CLIENT TRACKING ON", "0> GETSET k 2", "1> SET k 3", "0> INCR k",
         "1> SET k 4", "0> SET k 5 GET", "1> SET k 6", "0> WATCH k", "1> SET k 7", "0> UNWATCH",
         "0> SCAN 0 COUNT 100", "1> SET k 8"],
        ["0> CLIENT TRACKING ON", "0> MULTI ;; GET k ;; EXEC", "1> SET k 1",
         "0> MULTI ;; GET k ;; SET k 2 ;; PING ;; EXEC", "1> MULTI ;; SET k 3 ;; EXEC",
         "0> GET k", "1> MULTI ;; SET k 4 ;; SET k 5 ;; EXEC"],
        ["0> CLIENT TRACKING ON", "0> GET k", "1> FLUSHALL", "0> GET k", "1> FLUSHDB",
         "1> FLUSHALL", "0> FLUSHALL", "0> FLUSHALL ;; PING", "1> SET k 1",
         "0> MULTI ;; FLUSHALL ;; PING ;; EXEC"],
        ["0> CLIENT TRACKING ON", "0> GET k", "0> CLIENT TRACKING OFF", "1> SET k 1",
         "0> CLIENT TRACKING ON NOLOOP", "0> GET k", "0> SET k 2", "1> SET k 3", "0> GET k",
         "1> SET k 4", "0> FLUSHALL"],
        ["0> CLIENT TRACKING ON OPTIN", "0> GET k", "1> SET k 1", "0> CLIENT CACHING YES ;; GET k",
         "1> SET k 2", "0> CLIENT CACHING YES ;; PING ;; GET k", "1> SET k 3",
         "0> CLIENT CACHING YES ;; MULTI ;; GET k ;; GET l ;; EXEC ;; GET m", "1> SET k 4",
         "1> SET l 4", "1> SET m 4", "0> MULTI ;; CLIENT CACHING YES ;; GET k ;; GET l ;; EXEC",
         "1> SET k 5", "1> SET l 5", "0> CLIENT CACHING YES ;; SET k 1 ;; GET k", "1> SET k 6",
         "0> CLIENT CACHING YES ;; nonsense ;; GET k", "1> SET k 7",
         "0> CLIENT CACHING YES ;; CLIENT ID ;; GET k", "1> SET k 8"],
        ["0> CLIENT TRACKING ON OPTOUT", "0> GET k", "1> SET k 1", "0> CLIENT CACHING NO ;; GET k",
         "1> SET k 2", "0> GET l", "1> SET l 3",
         "0> CLIENT CACHING NO ;; MULTI ;; GET k ;; EXEC ;; GET l", "1> SET k 4", "1> SET l 4"],
        ["0> CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar", "1> SET foo1 1", "1> SET bar1 1",
         "1> SET baz 1", "1> MSET foo{t}1 1 foo{t}2 2 foo{t}1 3", "0> SET foo 1",
         "1> DEL foo1 nope", "1> FLUSHALL", "0> CLIENT TRACKING ON BCAST", "1> SET any 1",
         "0> CLIENT TRACKING OFF", "1> SET foo1 2"],
        ["0> CLIENT TRACKING ON BCAST NOLOOP", "0> SET a 1", "1> SET a 2", "0> DEL a",
         "0> CLIENT REPLY OFF", "1> SET a 3"],
        ["0> CLIENT TRACKING ON", "1> CLIENT TRACKING ON", "2> CLIENT TRACKING ON", "0> GET k",
         "1> GET k", "2> GET k", "!close 1", "3> SET k 1", "2> RESET", "2> GET k", "3> SET k 2"],
    ]

    static let redirections: [[String]] = [
        ["1> PING", "0> CLIENT TRACKING ON REDIRECT @1@", "0> GET k", "2> SET k 1",
         "1> SUBSCRIBE __redis__:invalidate", "0> GET k", "2> SET k 2", "2> FLUSHALL",
         "2> PUBLISH __redis__:invalidate hello", "0> GET k", "0> SET k 3", "1> UNSUBSCRIBE",
         "0> GET k", "2> SET k 4", "1> SUBSCRIBE other", "0> GET k", "2> SET k 5",
         "0> CLIENT TRACKING ON", "0> GET k", "2> SET k 6"],
        ["1> SUBSCRIBE __redis__:invalidate", "0> CLIENT TRACKING ON BCAST REDIRECT @1@",
         "2> SET q 1", "2> MSET {t}x 1 {t}y 2", "0> CLIENT TRACKING OFF", "2> SET q 2"],
        ["1> PING", "0> CLIENT TRACKING ON REDIRECT @1@ REDIRECT @1@",
         "0> MULTI ;; CLIENT TRACKING ON REDIRECT @1@ ;; EXEC", "0> GET k", "!close 1",
         "2> SET k 1", "0> GET k", "2> SET k 2", "2> SET k 3"],
        ["0> CLIENT TRACKING ON REDIRECT @0@", "0> GET k", "1> SET k 1", "0> GET k", "0> SET k 2"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func words(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.arguments)
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func invalidations(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for difference in try pair.pushDifferences(Self.invalidations) {
            Issue.record(Comment(rawValue: difference))
        }
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func redirections(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for difference in try pair.pushDifferences(Self.redirections) {
            Issue.record(Comment(rawValue: difference))
        }
    }

    /// A key that expires is told of, and so is one that has to go because there are too many.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func expiryAndTheLimit(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let (client, writer) = (try server.connect(), try server.connect())
            try client.call("HELLO", "3")
            try client.call("CLIENT", "TRACKING", "ON")
            try writer.call("SET", "k", "v", "PX", "100")
            try client.call("GET", "k")
            let word = Array("invalidate".utf8)
            let expired = try client.receive().reply
            #expect(expired == .push([.bulk(word), .array([.bulk(Array("k".utf8))])]))
            try writer.call("CONFIG", "SET", "tracking-table-max-keys", "10")
            for number in 0..<100 { try client.send(Call("GET", "key:\(number)").encoded) }
            var invalidated = 0
            while let next = try client.receive(within: 0.5) {
                if case .push = next.reply { invalidated += 1 }
            }
            #expect(invalidated >= 85 && invalidated <= 99, "\(invalidated) of 100 keys")
            let info = try writer.call("INFO", "stats").text ?? ""
            #expect(info.contains("tracking_total_keys:\(100 - invalidated)\r\n"))
            let clients = try writer.call("INFO", "clients").text ?? ""
            #expect(clients.contains("tracking_clients:1\r\n"))
        }
    }
}
