import TestSupport
import Testing

/// Clients that wait, beside redis-server: who is served, with what, in which order.
///
/// A script is a line a step. `n> call` sends a call on connection n and waits for its reply, `n>
/// call &` sends one that must block, and `n<` reads its reply. Keys with a tag are on one core,
/// where the order of several keys is Redis's.
@Suite struct BlockingConformanceTests {
    static let scripts: [[String]] = [
        // Who came first is served first, with what a push has left.
        ["1> BLPOP k 0 &", "2> BRPOP k 0 &", "RPUSH k a b c", "1<", "2<"],
        ["1> BLPOP k 0 &", "2> BLPOP k 0 &", "LPUSH k a b c", "1<", "2<"],
        ["1> BLPOP k 0 &", "2> BLPOP k 0 &", "RPUSH k a", "1<", "RPUSH k b", "2<"],
        ["1> BLMPOP 0 1 k LEFT COUNT 2 &", "2> BLMPOP 0 1 k RIGHT COUNT 9 &", "RPUSH k a b c d",
         "1<", "2<"],
        ["1> BLMPOP 0 2 x k LEFT COUNT 5 &", "2> BLPOP k 0 &", "RPUSH k 1 2", "1<", "RPUSH k 3",
         "2<"],
        // After the transaction, with what that has left.
        ["1> BLPOP k 0 &", "MULTI", "RPUSH k a", "LPUSH k b", "LLEN k", "EXEC", "1<"],
        ["1> BLPOP k 0 &", "MULTI", "RPUSH k a", "DEL k", "EXEC", "RPUSH k b", "1<"],
        ["1> BLPOP k 0 &", "MULTI", "RPUSH k a", "DEL k", "SET k v", "EXEC", "DEL k",
         "RPUSH k b", "1<"],
        ["1> BLPOP k 0 &", "MULTI", "SET k v", "DEL k", "RPUSH k b c", "EXEC", "1<"],
        ["1> BLPOP k 0 &", "MULTI", "RPUSH k a", "LPOP k", "RPUSH k b", "EXEC", "1<"],
        // Several keys.
        ["1> BLPOP {t}a {t}b {t}c 0 &", "RPUSH {t}b 1", "1<"],
        ["1> BLPOP {t}a {t}b 0 &", "MULTI", "RPUSH {t}b 1", "RPUSH {t}a 2", "EXEC", "1<"],
        ["1> BLPOP {t}a {t}b 0 &", "2> BLPOP {t}b {t}a 0 &", "MULTI", "RPUSH {t}b 1",
         "RPUSH {t}a 2", "EXEC", "1<", "2<"],
        ["1> BLPOP {t}a {t}b 0 &", "2> BLPOP {t}b 0 &", "3> BLPOP {t}a 0 &", "MULTI",
         "RPUSH {t}a 1 2", "RPUSH {t}b 3", "EXEC", "1<", "2<", "3<"],
        ["1> BLPOP k k k 0 &", "2> BLPOP k 0 &", "RPUSH k a b", "1<", "2<"],
        ["RPUSH b 1", "1> BLPOP a b 0", "RPUSH a 2", "RPUSH b 3", "1> BRPOP b a 0"],
        // Moves.
        ["1> BLMOVE s d LEFT RIGHT 0 &", "RPUSH s a b", "1<", "LRANGE d 0 -1", "LRANGE s 0 -1"],
        ["1> BRPOPLPUSH s s 0 &", "RPUSH s a b", "1<", "LRANGE s 0 -1"],
        ["1> BLMOVE s s LEFT RIGHT 0 &", "RPUSH s a b c", "1<", "LRANGE s 0 -1"],
        ["1> BLMOVE s d LEFT RIGHT 0 &", "2> BLMOVE d e RIGHT LEFT 0 &", "3> BLPOP e 0 &",
         "RPUSH s a", "1<", "2<", "3<", "EXISTS s d e"],
        ["1> BLMOVE s d LEFT RIGHT 0 &", "2> BLPOP d 0 &", "3> BLPOP s 0 &", "RPUSH s a b", "1<",
         "2<", "3<"],
        ["1> BLPOP d 0 &", "RPUSH s a", "LMOVE s d LEFT LEFT", "1<"],
        ["1> BLMOVE s d LEFT RIGHT 0 &", "2> BLPOP s 0 &", "SET d v", "RPUSH s a", "1<", "2<"],
        ["SET d v", "1> BLMOVE s d LEFT RIGHT 0 &", "DEL d", "RPUSH s a", "1<"],
        // How a list may come to be.
        ["1> BLPOP k 0 &", "RPUSH l a b", "RENAME l k", "1<"],
        ["1> BLPOP k 0 &", "RPUSH l a b", "RENAMENX l k", "1<"],
        ["1> BLPOP k 0 &", "RPUSH l a b", "COPY l k", "1<"],
        ["1> BLPOP k 0 &", "RPUSH l b a", "SORT l ALPHA STORE k", "1<"],
        ["1> BLPOP k 0 &", "SET k v", "RPUSH l a", "RENAME l k", "1<"],
        ["1> BLPOP k 0 &", "SET k v EX 100", "GETDEL k", "RPUSH k a", "1<"],
        ["1> BLPOP k 0 &", "RPUSHX k a", "SADD k a", "DEL k", "LPUSH k b", "1<"],
        // Timeouts, errors, and what does not wait.
        ["1> BLPOP k 0.02", "1> BLMOVE a b LEFT LEFT 0.02", "1> BLMPOP 0.02 1 k LEFT",
         "1> BRPOPLPUSH a b 0.02", "1> HELLO 3", "1> BLPOP k 0.01", "1> BLMOVE a b LEFT LEFT 0.01"],
        ["SET k v", "1> BLPOP k 0", "1> BLPOP none k 0", "1> BLMOVE k l LEFT LEFT 0",
         "RPUSH l a", "1> BLMOVE l k LEFT LEFT 0", "1> BLPOP l k 0", "1> BLPOP k l 0"],
        ["MULTI", "BLPOP a b 0", "BLMOVE a b LEFT LEFT 0", "BRPOPLPUSH a b 0",
         "BLMPOP 0 2 a b LEFT", "RPUSH a 1 2 3", "BLPOP b a 0", "BLMPOP 0 2 b a LEFT", "EXEC"],
        ["1> HELLO 3", "1> BLPOP k 0 &", "RPUSH k a", "1<", "1> BLMPOP 0 1 k LEFT COUNT 3 &",
         "RPUSH k a b", "1<"],
        // Watched keys are written by who is served.
        ["1> BLPOP k 0 &", "2> WATCH k", "RPUSH k a", "1<", "2> MULTI", "2> PING", "2> EXEC"],
        ["1> BLMOVE k l LEFT LEFT 0 &", "2> WATCH l", "RPUSH k a", "1<", "2> MULTI", "2> PING",
         "2> EXEC"],
        // A client that waited goes on.
        ["1> BLPOP k 0 &", "RPUSH k a", "1<", "1> LLEN k", "1> BLPOP k 0 &", "RPUSH k b c", "1<",
         "1> LRANGE k 0 -1"],
        ["1> BLPOP k 0 &", "FLUSHALL", "RPUSH k a", "1<"],
        ["1> BLPOP k 0 &", "RPUSH k 12345", "1<", "1> BRPOP k 0 &", "RPUSH k 0123", "1<"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func whoIsServed(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for lines in Self.scripts {
            let expected = try BlockingTranscript(lines, pair.reference).replies
            let actual = try BlockingTranscript(lines, pair.subject).replies
            for (step, (expected, actual)) in zip(expected, actual).enumerated()
            where expected != actual {
                let text = lines.joined(separator: "\n  ")
                Issue.record("  \(text)\nat \(lines[step]): \(actual), not \(expected)")
                break
            }
        }
    }

    /// CLIENT UNBLOCK, CLIENT KILL, and leaving.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func endingAWait(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let room = try WaitingRoom(server)
            let pusher = try server.connect()
            for key in ["a", "b", "c"] {
                let waiter = try server.connect()
                let number = "\(try waiter.call("CLIENT", "ID").integer ?? 0)"
                try room.begin(waiter, "BLPOP \(key) other 0")
                #expect(try pusher.call("CLIENT", "UNBLOCK", number).integer == 1)
                #expect(try waiter.receive().reply.isNull)
                try room.begin(waiter, "BLMOVE \(key) other LEFT LEFT 0", isAlone: true)
                #expect(try pusher.call("CLIENT", "UNBLOCK", number, "error").integer == 1)
                #expect(
                    try waiter.receive().reply.text
                        == "UNBLOCKED client unblocked via CLIENT UNBLOCK")
                #expect(try pusher.call("CLIENT", "UNBLOCK", number).integer == 0)

                try room.begin(waiter, "BLPOP \(key) 0", isAlone: true)
                let list = try pusher.call("CLIENT", "LIST").text ?? ""
                #expect(list.contains("flags=b "))
                #expect(try pusher.call("CLIENT", "KILL", "ID", number).integer == 1)
                try room.wait(for: 0)

                let leaver = try server.connect()
                try room.begin(leaver, "BRPOP x \(key) y 0", isAlone: true)
                leaver.close()
                try room.wait(for: 0)
                let halfCloser = try server.connect()
                try room.begin(halfCloser, "BRPOP x \(key) y 0", isAlone: true)
                halfCloser.shutdownWrite()
                try room.wait(for: 0)
                #expect(try pusher.call("RPUSH", key, "1", "2").integer == 2)
                #expect(try pusher.call("LLEN", key).integer == 2)
            }
        }
    }
}

/// Sees to it that clients wait before a test goes on.
struct WaitingRoom {
    private let observer: RespConnection

    init(_ server: ServerProcess) throws {
        observer = try server.connect()
    }

    /// Waits until so many clients of the server are blocked.
    func wait(for count: Int) throws {
        let isReached = try Deadline.wait(seconds: 10) {
            let text = try observer.call("INFO", "clients").text ?? ""
            return text.contains("blocked_clients:\(count)\r\n")
        }
        if !isReached { throw WaitingFailure(count: count) }
    }

    /// Sends a call that blocks its client, the only one that is.
    func begin(_ waiter: RespConnection, _ words: String, isAlone: Bool = true) throws {
        try waiter.send(Call(words: words).encoded)
        if isAlone { try wait(for: 1) }
    }
}

struct WaitingFailure: Error, CustomStringConvertible {
    let count: Int
    var description: String { "there are not \(count) blocked clients" }
}

/// What a server replies to a script, step by step.
private struct BlockingTranscript {
    private(set) var replies: [String] = []

    init(_ lines: [String], _ server: ServerProcess) throws {
        let room = try WaitingRoom(server)
        let connections = try (0..<4).map { _ in try server.connect() }
        try connections[0].call("FLUSHALL")
        var blocked: Set<Int> = []
        for line in lines {
            let number = line.first?.wholeNumberValue
            let isOfOther = number != nil && [">", "<"].contains(line.dropFirst().first)
            let connection = isOfOther ? number ?? 0 : 0
            if line.hasSuffix("<") {
                replies.append("\(try connections[connection].receive().reply)")
                blocked.remove(connection)
            } else {
                let call = Call(words: isOfOther ? String(line.dropFirst(3)) : line)
                if line.hasSuffix(" &") {
                    let waits = Call(Array(call.arguments.dropLast()))
                    try connections[connection].send(waits.encoded)
                    blocked.insert(connection)
                    try room.wait(for: blocked.count)
                    replies.append("waits")
                } else {
                    let reply = try connections[connection].call(call).reply
                    // A greeting has each server's own connection ids.
                    replies.append(call.name == "HELLO" ? reply.typeName : "\(reply)")
                }
            }
        }
        for connection in connections { connection.close() }
        try room.wait(for: 0)
        replies.append(try Self.contents(server))
    }

    /// All keys, with what lists hold.
    private static func contents(_ server: ServerProcess) throws -> String {
        let reader = try server.connect()
        let keys = try reader.call("KEYS", "*").elements?.compactMap(\.text).sorted() ?? []
        return try keys.map { "\($0): \(try reader.call("LRANGE", $0, "0", "-1"))" }.joined()
    }
}
