import TestSupport
import Testing

/// Lists, in what is said about them rather than by chance.
@Suite struct ListConformanceTests {
    static let errors: [[String]] = [
        ["SET s v", "RPUSH l a b c", "LPOP l x", "LPOP l -1", "LPOP l 0", "LPOP l 1.5",
         "LPOP s x", "LPOP s 1", "LPOP no x", "LPOP no 0", "LPOP no 2", "LPOP no", "LPOP l 1 2",
         "LPOP s 1 2", "RPOP l 18446744073709551615", "RPOP l 9223372036854775807"],
        ["RPUSH l a b", "LMPOP 1 l LEFT COUNT 9223372036854775808 more", "LMPOP 1 l LEFT COUNT x y",
         "LMPOP 1 l LEFT COUNT 1 more", "LMPOP 1 l LEFT COUNT", "LMPOP 1 l LEFT more COUNT 0",
         "LMPOP 1 l LEFT COUNT 1 COUNT 1", "BLMPOP 0 1 l LEFT COUNT 0 more"],
        ["SET s v", "RPUSH l a b", "LRANGE s a b", "LRANGE l 0 b", "LRANGE no 0 b", "LRANGE s 0 1",
         "LINDEX s a", "LINDEX l a", "LINDEX no a", "LINDEX l 99", "LINDEX l -3"],
        ["SET s v", "RPUSH l a b", "LSET no a b", "LSET l a b", "LSET s a b", "LSET l 99 b",
         "LSET l -9223372036854775808 b", "LSET no 0 b"],
        ["SET s v", "RPUSH l a b", "LINSERT l foo a b", "LINSERT s foo a b", "LINSERT no foo a b",
         "LINSERT no before a b", "LINSERT s before a b", "LINSERT l AFTER zz b"],
        ["SET s v", "RPUSH l a b a", "LREM l a b", "LREM s a b", "LREM no a b", "LREM s 0 a",
         "LREM l -9223372036854775808 a", "LREM no 1 a"],
        ["SET s v", "RPUSH l a b", "LTRIM l a b", "LTRIM s a b", "LTRIM s 0 b", "LTRIM no 0 1",
         "LTRIM s 0 1", "LTRIM l 5 1", "EXISTS l"],
        ["SET s v", "RPUSH l a b c", "LPOS l a RANK 0", "LPOS l a RANK -9223372036854775808",
         "LPOS l a RANK x", "LPOS l a COUNT -1", "LPOS l a COUNT x", "LPOS l a MAXLEN -1",
         "LPOS l a MAXLEN x", "LPOS l a RANK", "LPOS l a FOO 1", "LPOS s a FOO 1", "LPOS s a",
         "LPOS no a", "LPOS no a COUNT 1", "LPOS l zz", "LPOS l zz COUNT 0",
         "LPOS l c RANK -1 MAXLEN 1", "LPOS l a RANK 1 RANK 2 COUNT 1 MAXLEN 3"],
        ["SET s v", "RPUSH l a", "LMOVE l l foo right", "LMOVE s l foo right",
         "LMOVE no s left right", "LMOVE l s left right", "LMOVE no no left right",
         "LMOVE s no left right", "RPOPLPUSH no s", "RPOPLPUSH s no", "RPOPLPUSH l s"],
        ["SET s v", "RPUSH l a b c", "LMPOP a l left", "LMPOP 0 l left", "LMPOP -1 l left",
         "LMPOP 1 l foo", "LMPOP 2 l left", "LMPOP 3 l left", "LMPOP 1 l left COUNT",
         "LMPOP 1 l left COUNT 0", "LMPOP 1 l left COUNT -1", "LMPOP 1 l left COUNT a",
         "LMPOP 1 l left COUNT 1 COUNT 2", "LMPOP 1 l left FOO 1", "LMPOP 1 s left",
         "LMPOP 2 no s left", "LMPOP 2 no no2 left", "LMPOP 2 no l left COUNT 2",
         "LMPOP 99999999999999999999 l left", "LMPOP 9223372036854775807 l left"],
        ["SET s v", "LPUSHX no a", "LPUSHX s a", "RPUSH s a", "LLEN s", "LLEN no"],
        ["SET s v", "RPUSH l a", "BLMPOP a 1 l left", "BLMPOP 0 a l left", "BLMPOP 0 1 l foo",
         "BLMPOP -1 1 l foo", "BLMPOP -1 1 no left", "BLMPOP -1 0 l foo", "BLMPOP -1 a l foo",
         "BLMPOP -1 1 l left COUNT 0", "BLMPOP 1 1 s left", "BLPOP s x", "BLPOP s -1", "BLPOP s 1",
         "BLMOVE l l foo left x", "BLMOVE l l left left x", "BLMOVE s l left left 1",
         "BLMOVE l s left left 1", "BRPOPLPUSH s l x", "BRPOPLPUSH l s 1", "BLPOP l"],
        ["BLPOP k 1e400", "BLPOP k inf", "BLPOP k nan", "BLPOP k 9223372036854775807",
         "BLPOP k 1e18", "BLPOP k -inf", "BLPOP k 1e5000", "BLPOP k 0x.01", "BLPOP k 1e-3",
         "BLPOP k 0.0001", "BLPOP k +.001"],
        ["CLIENT UNBLOCK", "CLIENT UNBLOCK x", "CLIENT UNBLOCK 1 foo", "CLIENT UNBLOCK 99999",
         "CLIENT UNBLOCK 99999 ERROR", "CLIENT UNBLOCK 1 TIMEOUT x", "CLIENT UNBLOCK x foo"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func errorsAndEdges(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.errors)
    }

    /// What watchers learn of.
    static let watched: [[String]] = [
        ["RPUSH k a b", "WATCH k", "1> LPOP k", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LPOP k 0", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LTRIM k 0 -1", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LTRIM k 1 1", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LREM k 0 x", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LREM k 0 a", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LSET k 0 a", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LINSERT k before x y", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LINSERT k before a y", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LMOVE k k LEFT LEFT", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH l", "1> LMOVE k l LEFT LEFT", "MULTI", "PING", "EXEC"],
        ["RPUSH k a b", "WATCH k", "1> LMOVE none k LEFT LEFT", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> LPUSHX k a", "MULTI", "PING", "EXEC"],
        ["RPUSH l b a", "WATCH k", "1> SORT l ALPHA STORE k", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SORT none STORE k", "MULTI", "PING", "EXEC"],
        ["SET k v", "WATCH k", "1> SORT none STORE k", "MULTI", "PING", "EXEC"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func watchedLists(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.watched)
    }

    /// Calls whose events are told to the client itself, in one pipeline.
    static let told: [[String]] = [
        ["LPUSH l a", "RPUSH l b c", "LPUSHX l z", "RPUSHX no z", "LPOP l", "RPOP l 2", "RPOP l"],
        ["RPUSH l a b c d e f", "LPOP l 0", "LTRIM l 0 4", "LTRIM l 0 99", "LTRIM l 5 6"],
        ["RPUSH l a b c", "LSET l 0 x", "LINSERT l BEFORE x y", "LINSERT l BEFORE nope y",
         "LREM l 0 nope", "LREM l 0 y", "LREM l 0 x", "LREM l 0 b", "LREM l 0 c"],
        ["RPUSH l a b c", "LMOVE l m LEFT RIGHT", "LMOVE l l LEFT RIGHT", "LMOVE l l LEFT LEFT",
         "RPOPLPUSH m l", "RPOPLPUSH l l", "LMOVE l x LEFT LEFT"],
        ["RPUSH l a b c d", "LMPOP 2 no l LEFT COUNT 2", "LMPOP 1 l RIGHT COUNT 99"],
        ["RPUSH k a b", "BLPOP k 0", "BRPOP k 0", "RPUSH k a", "BLMOVE k l LEFT LEFT 0",
         "BRPOPLPUSH l m 0", "BLMPOP 0 1 m LEFT"],
        ["RPUSH l 3 1 2", "SORT l STORE d", "SORT none STORE d", "SORT none STORE d",
         "SORT l STORE l"],
    ]

    @Test(arguments: [2, 3])
    func events(protocolVersion: Int) throws {
        let pair = try ServerPair()
        for lines in Self.told {
            var seen: [[UInt8]] = []
            for server in [pair.reference, pair.subject] {
                let control = try server.connect()
                try control.call("FLUSHALL")
                try control.call("CONFIG", "SET", "notify-keyspace-events", "KEA")
                seen.append(try Self.events(lines, server, protocolVersion))
            }
            #expect(
                String(decoding: seen[1], as: UTF8.self)
                    == String(decoding: seen[0], as: UTF8.self), "\(lines)")
        }
    }

    /// What a client reads who is told of all events: in RESP3 the one who calls, in RESP2 another.
    private static func events(
        _ lines: [String], _ server: ServerProcess, _ version: Int
    ) throws -> [UInt8] {
        let listener = try server.connect()
        if version == 3 { try listener.call("HELLO", "3") }
        try listener.call("PSUBSCRIBE", "__key*")
        let caller = version == 3 ? listener : try server.connect()
        for line in lines {
            try caller.send(Call(words: line).encoded)
            if version == 2 { _ = try caller.receive() }
        }
        try caller.send(Call("PUBLISH", "__key-end", "x").encoded)
        if version == 2 {
            return try listener.receive(until: Array("__key-end\r\n$1\r\nx\r\n".utf8))
        }
        // The reply to PUBLISH comes behind the message.
        try caller.send(Call("ECHO", "that is all").encoded)
        return try listener.receive(until: Array("$11\r\nthat is all\r\n".utf8))
    }
}
