import Foundation
import TestSupport
import Testing

/// MULTI, EXEC and WATCH over connections that interleave in a fixed order.
@Suite struct TransactionConformanceTests {
    static let conflicts: [[String]] = [
        // Touched between WATCH and EXEC, by another connection and by the same one.
        ["SET k 1", "WATCH k", "1> SET k 2", "MULTI", "GET k", "EXEC", "GET k"],
        ["SET k 1", "WATCH k", "SET k 2", "MULTI", "GET k", "EXEC"],
        ["SET k 1", "WATCH k", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "MULTI", "INCR k", "1> INCR k", "EXEC", "GET k"],
        ["WATCH k", "MULTI", "SET k 1", "EXEC", "GET k", "MULTI", "SET k 2", "EXEC"],
        // Read only, or a write that changed nothing.
        ["SET k 1", "WATCH k", "1> GET k", "1> STRLEN k", "1> TTL k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> SETNX k 2", "1> SET k 2 NX", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> PERSIST k", "1> DEL other", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> EXPIRE k 100 XX", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> TOUCH k", "1> COPY k l", "MULTI", "PING", "EXEC"],
        ["SET k abc", "WATCH k", "1> INCR k", "MULTI", "PING", "EXEC"],
        ["SET k abc", "WATCH k", "1> APPEND k x", "MULTI", "PING", "EXEC"],
        ["SET k abc", "WATCH k", "1> SETRANGE k 0 abc", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SETRANGE k 5 \"\"", "MULTI", "PING", "EXEC"],
        // Expiry and persistence count as touching.
        ["SET k 1", "WATCH k", "1> EXPIRE k 1000", "MULTI", "PING", "EXEC"],
        ["SET k 1 EX 1000", "WATCH k", "1> PERSIST k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> GETEX k EX 1000", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> GETEX k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> EXPIRE k -1", "MULTI", "PING", "EXEC"],
        // Deleted, deleted and created again, absent and created, created and deleted.
        ["SET k 1", "WATCH k", "1> DEL k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> DEL k", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "1> DEL k", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> DEL k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> GETDEL k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> UNLINK k", "MULTI", "PING", "EXEC"],
        // Renamed, copied, flushed.
        ["SET k 1", "WATCH k", "1> RENAME k l", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH l", "1> RENAME k l", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> RENAME k k", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH l", "1> COPY k l", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> FLUSHALL", "MULTI", "PING", "EXEC"],
        ["SET l 1", "WATCH k", "1> FLUSHALL", "MULTI", "PING", "EXEC"],
        ["SET k 1", "WATCH k", "1> FLUSHDB ASYNC", "MULTI", "PING", "EXEC"],
        ["WATCH a b c d", "1> MSET c 1 x 2", "MULTI", "PING", "EXEC"],
        ["SET c 1", "WATCH a b c d", "1> MSETNX c 1 d 2", "MULTI", "PING", "EXEC"],
        // Another connection's transaction, aborted or not.
        ["WATCH k", "1> MULTI", "1> SET k 1", "1> EXEC", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> MULTI", "1> SET k 1", "1> DISCARD", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> WATCH k", "2> SET k 1", "MULTI", "EXEC", "1> MULTI", "1> EXEC"],
        ["WATCH k", "1> WATCH k", "MULTI", "INCR k", "1> MULTI", "1> INCR k", "EXEC", "1> EXEC"],
        // What ends watching.
        ["WATCH k", "UNWATCH", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "MULTI", "DISCARD", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "MULTI", "EXEC", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "RESET", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "UNWATCH", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "WATCH l", "MULTI", "PING", "EXEC"],
        ["WATCH k k k", "WATCH k", "UNWATCH", "1> SET k 1", "MULTI", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "MULTI", "UNWATCH", "PING", "EXEC"],
        ["WATCH k", "1> SET k 1", "MULTI", "nonsense", "EXEC", "MULTI", "PING", "EXEC"],
    ]

    static let errors: [[String]] = [
        ["EXEC", "DISCARD", "MULTI", "MULTI", "PING", "EXEC"],
        ["MULTI", "DISCARD", "DISCARD", "EXEC"],
        ["MULTI extra", "MULTI", "EXEC extra", "EXEC"],
        ["MULTI", "WATCH k", "EXEC"],
        ["MULTI", "WATCH", "EXEC"],
        ["MULTI", "nonsense", "SET k 1", "EXEC", "GET k"],
        ["MULTI", "GET", "EXEC", "GET k"],
        ["MULTI", "SET k 1", "GET k l", "EXEC", "GET k"],
        ["MULTI", "CLIENT nonsense", "EXEC"],
        ["MULTI", "SET k 1 EX 0", "SET k 2", "GET k", "EXEC", "GET k"],
        ["MULTI", "SET k abc", "INCR k", "APPEND k d", "EXEC", "GET k"],
        ["MULTI", "SET k 1 NX XX", "EXEC"],
        ["MULTI", "RESET", "EXEC"],
        ["MULTI", "SELECT 0", "SELECT 99", "AUTH x y", "HELLO 3", "GET nothing", "EXEC"],
        ["MULTI", "SHUTDOWN", "DISCARD"],
        ["MULTI", "PING", "ECHO x", "TIME", "DBSIZE", "COMMAND COUNT", "EXEC"],
        ["MULTI", "CLIENT ID", "CLIENT GETNAME", "CLIENT SETNAME me", "EXEC", "CLIENT GETNAME"],
        ["MULTI", "CONFIG GET maxmemory", "OBJECT HELP", "RANDOMKEY", "EXEC"],
        ["MULTI", "EXEC"],
        ["WATCH", "UNWATCH x", "DISCARD x"],
        ["MULTI", "MSET a 1 b 2 c 3", "KEYS *", "DBSIZE", "RENAME a d", "MGET a b c d", "EXEC"],
        ["MULTI", "MSET a 1 b", "EXEC", "MGET a b"],
        ["MULTI", "FLUSHALL", "DBSIZE", "SET a 1", "EXEC", "DBSIZE"],
        ["1> SET k 1", "MULTI", "GET k", "1> SET k 2", "GET k", "1> SET k 3", "EXEC"],
        ["MULTI", "SET {a}1 x", "SET {b}2 y", "COPY {a}1 {c}3", "MGET {a}1 {b}2 {c}3", "EXEC"],
        ["MULTI", "DEBUG SLEEP 0", "EXEC"],
        ["MULTI", "OBJECT FREQ k", "OBJECT nonsense k", "SET k 1", "EXEC", "GET k"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenTransactions(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.conflicts + Self.errors)
    }

    /// What is refused for want of memory when it is queued refuses EXEC; what was queued before is
    /// run whatever it takes.
    static let shortOfMemory: [[String]] = [
        ["MULTI", "SET a 1", "1> CONFIG SET maxmemory 1", "GET a", "EXEC", "PING",
         "1> CONFIG SET maxmemory 0", "GET a"],
        ["MULTI", "SET a 1", "1> CONFIG SET maxmemory 1", "EXEC", "GET a",
         "1> CONFIG SET maxmemory 0"],
        ["MULTI", "GET a", "1> CONFIG SET maxmemory 1", "EXEC", "1> CONFIG SET maxmemory 0"],
        ["MULTI", "CONFIG SET maxmemory 1", "SET a 2", "DEL a", "EXEC", "MULTI", "PING", "EXEC",
         "MULTI", "DISCARD", "MULTI", "MSET a 1 b 2", "GET", "EXEC", "WATCH a", "SET a 1", "GET a",
         "CONFIG SET maxmemory 0"],
        ["MULTI", "nonsense", "1> CONFIG SET maxmemory 1", "SET a 1", "EXEC",
         "1> CONFIG SET maxmemory 0"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func memoryIsShort(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        // A core that holds nothing is below any limit.
        let filled = ["MSET" + (0..<64).map { " key:\($0) 1" }.joined()]
        try pair.compare(Self.shortOfMemory.map { filled + $0 })
    }

    /// A watched key that expires, before or after something looks at it, before or after WATCH.
    ///
    /// `TIME` in a line stands for when the key expires; what comes before `before` has to be done
    /// by then, and at `after` the time has come.
    static let expiries: [[String]] = [
        ["1> PEXPIREAT k TIME", "0> WATCH k", "before", "after"],
        ["1> PEXPIREAT k TIME", "0> WATCH k", "before", "after", "1> GET k"],
        ["1> PEXPIREAT k TIME", "0> WATCH k", "before", "after", "1> SET k 1"],
        ["1> PEXPIREAT k TIME", "before", "after", "0> WATCH k"],
        ["1> PEXPIREAT k TIME", "before", "after", "0> WATCH k", "1> GET k"],
        ["1> PEXPIREAT k TIME", "before", "after", "0> WATCH k", "1> SET k 1"],
        ["0> WATCH k", "1> PEXPIREAT k TIME", "before", "after"],
        ["0> WATCH k", "1> PEXPIREAT k TIME", "before", "after", "1> GET k", "1> SET k 1"],
        ["1> DEBUG SET-ACTIVE-EXPIRE 0", "1> PEXPIREAT k TIME", "before", "after", "0> WATCH k"],
        ["1> DEBUG SET-ACTIVE-EXPIRE 0", "1> PEXPIREAT k TIME", "0> WATCH k", "before", "after"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func expiryOfWatchedKeys(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for lines in Self.expiries {
            let all = lines + ["0> MULTI", "0> GET k", "0> EXEC"]
            let expected = try ExpiryTranscript.replies(all, pair.reference)
            let actual = try ExpiryTranscript.replies(all, pair.subject)
            #expect(expected == actual, "\(lines)")
        }
    }
}

/// A script in which a key expires at a known point, however slow the machine is.
private enum ExpiryTranscript {
    static func replies(_ lines: [String], _ server: ServerProcess) throws -> [String] {
        // Whoever is not done in time gets more.
        for milliseconds in [50, 200, 1000, 5000, 20_000] {
            if let replies = try play(lines, server, milliseconds) { return replies }
        }
        throw ServerFailure("a server does not answer within 20 s")
    }

    /// Nil where what must come before the expiry came after it.
    private static func play(
        _ lines: [String], _ server: ServerProcess, _ milliseconds: Int
    ) throws -> [String]? {
        let connections = [try server.connect(), try server.connect()]
        try connections[0].call("SET", "k", "1")
        let time = now + milliseconds
        var replies: [String] = []
        for line in lines {
            if line == "before" {
                if now >= time { return nil }
            } else if line == "after" {
                _ = Deadline.wait(seconds: 60) { now > time }
            } else {
                let words = String(line.dropFirst(3)).replacing("TIME", with: "\(time)")
                let connection = connections[line.hasPrefix("1") ? 1 : 0]
                replies.append("\(try connection.call(Call(words: words)).reply)")
            }
        }
        try connections[1].call("DEBUG", "SET-ACTIVE-EXPIRE", "1")
        return replies
    }

    /// Milliseconds since 1970.
    private static var now: Int { Int(Date().timeIntervalSince1970 * 1000) }
}
