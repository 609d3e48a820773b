import Foundation
import Glibc
import TestSupport
import Testing

/// `gyre import` and `gyre export` beside real servers: what redis-server saves arrives, and it
/// loads what is exported.
@Suite(.enabled(if: ServerProgram.subject.hasNodePort, "needs Gyre"))
struct MoveTests {
    private static let program = "\(ServerProgram.packageRoot)/.build/release/gyre"
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func gyre(_ words: String...) throws -> ToolResult {
        try Tool.run([Self.program] + words)
    }

    private func address(_ server: ServerProcess) -> String { "127.0.0.1:\(server.port)" }

    private func call(_ words: [String]) -> Call { Call(words.map { Array($0.utf8) }) }

    /// Values of all types and encodings.
    private func fill(_ redis: RespConnection) throws {
        for line in [
            "SET text hello", "SET 12 34", "SET due x PXAT 4102444800123", "SET gone x PX 1",
            "SET integer -9223372036854775808", "RPUSH list a b 3 -70000", "SADD ints 1 2 90000",
            "SADD words one two 3", "ZADD zset 1.5 a -inf b +inf c 2 d", "HSET hash f v 1 2",
            "PFADD log a b c", "EXPIREAT list 4102444800",
        ] {
            _ = try redis.call(Call(words: line))
        }
        _ = try redis.call("SET", "empty", "")
        let binary = (0...255).map { UInt8($0) }
        _ = try redis.call(Call([Array("SET".utf8), binary, binary + binary]))
        _ = try redis.call("SET", "long", String(repeating: "abc", count: 100_000))
        let numbers = (0..<3000).map { "\($0)" }
        let texts = numbers.map { "some text, some text \($0)" }
        let pairs = zip(numbers, texts).flatMap { [$0, $1] }
        _ = try redis.call(call(["RPUSH", "biglist"] + texts))
        _ = try redis.call(call(["SADD", "bigset"] + texts))
        _ = try redis.call(call(["SADD", "bigints"] + numbers))
        _ = try redis.call(call(["HSET", "bighash"] + pairs))
        _ = try redis.call(call(["ZADD", "bigzset"] + pairs))
        for start in stride(from: 0, to: 2000, by: 500) {
            let words = (start..<(start + 500)).flatMap { ["key:\($0)", "value \($0)"] }
            _ = try redis.call(call(["MSET"] + words))
        }
    }

    /// Every key with its value and deadline; the order of members does not count.
    private func content(_ redis: RespConnection) throws -> [String: String] {
        var content: [String: String] = [:]
        for key in try redis.call("KEYS", "*").elements ?? [] {
            guard case .bulk(let name) = key else { continue }
            func ask(_ words: [String], _ rest: String...) throws -> Reply {
                try redis.call(
                    Call(words.map { Array($0.utf8) } + [name] + rest.map { Array($0.utf8) })).reply
            }
            let type = try ask(["TYPE"]).text ?? ""
            let value: Reply
            switch type {
            case "string": value = try ask(["GET"])
            case "list": value = try ask(["LRANGE"], "0", "-1")
            case "set": value = try ask(["SORT"], "ALPHA")
            case "zset": value = try ask(["ZRANGE"], "0", "-1", "WITHSCORES")
            default:
                let fields = try ask(["HGETALL"]).elements?.map(\.description) ?? []
                let pairs = stride(from: 0, to: fields.count, by: 2).map {
                    fields[$0] + fields[$0 + 1]
                }
                content["\(name)"] = pairs.sorted().joined()
                continue
            }
            content["\(name)"] = "\(value) \(try ask(["PEXPIRETIME"]))"
        }
        return content
    }

    @Test(arguments: [1, 2])
    func thereAndBack(cores: Int) throws {
        let reference = try ServerProcess(.reference)
        let redis = try reference.connect()
        try fill(redis)
        let expected = try content(redis)
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let client = try server.connect()
        let saved = try redis.save()

        let first = try gyre("import", saved, "--address", address(server))
        #expect(first.status == 0, "\(first.output)\(first.errors)")
        #expect(first.output.hasPrefix("Imported \(expected.count) keys into "))
        #expect(try content(client) == expected)

        // A second time nothing is overwritten, unless that is asked for.
        _ = try client.call("SET", "text", "other")
        let again = try gyre("import", saved, "--address", address(server))
        #expect(again.status == 65)
        #expect(again.output.contains("left alone (--replace overwrites): \(expected.count)."))
        #expect(try client.call("GET", "text").text == "other")
        let replaced = try gyre("import", saved, "--address", address(server), "--replace")
        #expect(replaced.status == 0, "\(replaced.output)\(replaced.errors)")
        #expect(try content(client) == expected)

        // Back: redis-server loads what is exported, of each version that it knows.
        for version in ["9", "10"] {
            _ = try client.call("CONFIG", "SET", "dump-payload-version", version)
            let path = folder.path(of: "out.rdb")
            let export = try gyre("export", path, "--address", address(server))
            #expect(export.status == 0, "\(export.output)\(export.errors)")
            #expect(export.output.contains("RDB version \(version)."))
            #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.url.path)
                .contains { $0.hasSuffix(".new") })
            let check = try Tool.run(["redis-check-rdb", path])
            #expect(check.status == 0, "\(check.output)")
            #expect(check.output.contains("\(expected.count) keys read"), "\(check.output)")
            #expect(try contentOfRedis(loading: path) == expected)
        }

        // What redis-server dumps is exported too, listpacks and all, and imported again.
        let path = folder.path(of: "redis.rdb")
        let export = try gyre("export", path, "--address", address(reference))
        #expect(export.status == 0, "\(export.output)\(export.errors)")
        _ = try client.call("FLUSHALL")
        let last = try gyre("import", path, "--address", address(server))
        #expect(last.status == 0, "\(last.output)\(last.errors)")
        #expect(try content(client) == expected)
    }

    /// What a redis-server has that was started with this file.
    private func contentOfRedis(loading path: String) throws -> [String: String] {
        let (process, redis) = try startRedis(URL(filePath: path).lastPathComponent)
        defer { process.send(signal: SIGKILL) }
        return try content(redis)
    }

    /// A redis-server of sixteen databases that loads and saves a file of the test's folder.
    private func startRedis(_ file: String) throws -> (ChildProcess, RespConnection) {
        let port = FreePort.take()
        let process = try ChildProcess(
            executable: "/usr/bin/env",
            arguments: [
                "redis-server", "--port", "\(port)", "--dir", folder.url.path, "--dbfilename",
                file, "--save", "",
            ],
            directory: folder.url.path, input: "/dev/null", output: folder.path(of: "redis-out"),
            errors: folder.path(of: "redis-errors"))
        let answers = Deadline.wait(seconds: 20) {
            (try? RespConnection(port: port, timeoutSeconds: 2).call("PING")) != nil
        }
        #expect(answers, "\(folder.text(of: "redis-out"))")
        return (process, try RespConnection(port: port))
    }

    /// Databases, streams, functions: told, and nothing is taken in silence.
    @Test func whatGyreDoesNotHave() throws {
        let (process, redis) = try startRedis("dump.rdb")
        defer { process.send(signal: SIGKILL) }
        let server = try ServerProcess(.subject)
        let client = try server.connect()
        let function = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
        _ = try redis.call("FUNCTION", "LOAD", function)
        _ = try redis.call("SET", "zero", "0")
        _ = try redis.call("XADD", "stream", "*", "f", "v")
        let streams = try gyre("import", try redis.save(), "--address", address(server))
        #expect(streams.status == 65)
        #expect(streams.output.contains("Skipped, as Gyre does not have such: 1 stream."))
        #expect(streams.output.contains("Skipped: 1 library of functions."))
        #expect(streams.errors.contains("1 keys of"))
        #expect(try client.call("DBSIZE") == .integer(1))

        _ = try client.call("FLUSHALL")
        _ = try redis.call("DEL", "stream")
        #expect(try redis.call("SELECT", "3") == .simple(Array("OK".utf8)))
        _ = try redis.call("MSET", "three", "3", "zero", "other")
        let saved = try redis.save()
        let refused = try gyre("import", saved, "--address", address(server))
        #expect(refused.status == 64)
        #expect(refused.errors.contains("has keys in the databases 0, 3, and Gyre has database 0"))
        #expect(try client.call("DBSIZE") == .integer(0))
        let one = try gyre("import", saved, "--address", address(server), "--database", "3")
        #expect(one.status == 0, "\(one.output)\(one.errors)")
        #expect(try client.call("GET", "zero").text == "other")
        let all = try gyre(
            "import", saved, "--address", address(server), "--all-databases", "--replace")
        #expect(all.status == 0, "\(all.output)\(all.errors)")
        #expect(try client.call("DBSIZE") == .integer(2))
    }

    /// Files that are damaged: nothing of them is imported.
    @Test func damagedFiles() throws {
        let reference = try ServerProcess(.reference)
        let redis = try reference.connect()
        try fill(redis)
        let server = try ServerProcess(.subject)
        let sound = try Data(contentsOf: URL(filePath: try redis.save()))
        let path = folder.path(of: "damaged.rdb")
        func refused(_ data: Data, _ words: String) throws {
            try data.write(to: URL(filePath: path))
            let result = try gyre("import", path, "--address", address(server))
            #expect(result.status == 65, "\(result.output)\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        var turned = sound
        let hello = try #require(sound.firstRange(of: Data("hello".utf8)))
        turned[hello.lowerBound] ^= 1
        try refused(turned, "checksum is not that of its content")
        try refused(sound.prefix(sound.count / 2), "is damaged or cut off at byte")
        try refused(Data("no such thing".utf8), "is no RDB file")
        try refused(Data(), "is empty")
        var newer = sound
        newer.replaceSubrange(5..<9, with: Data("0012".utf8))
        try refused(newer, "RDB version 0012")
        #expect(try server.connect().call("DBSIZE") == .integer(0))
        let missing = try gyre("import", folder.path(of: "none"), "--address", address(server))
        #expect(missing.status == 66)
        let nowhere = try gyre("export", "/nowhere/x.rdb", "--address", address(server))
        #expect(nowhere.status == 73)
        let closed = try gyre("export", path, "--address", "127.0.0.1:\(FreePort.take())")
        #expect(closed.status == 69)
    }

    @Test func passwords() throws {
        let server = try ServerProcess(.subject, ServerOptions(password: "secret"))
        let path = folder.path(of: "out.rdb")
        let refused = try gyre("export", path, "--address", address(server))
        #expect(refused.status == 77)
        #expect(refused.errors.contains("asks for a password"))
        #expect(
            try gyre("export", path, "--address", address(server), "--password", "secret").status
                == 0)
        let environment = [
            "env", "GYRE_REQUIREPASS=secret", Self.program, "import", path, "--address",
            address(server),
        ]
        #expect(try Tool.run(environment).status == 0)
    }

    /// A list of a million elements goes in parts, in little memory.
    @Test func aLargeCollection() throws {
        let reference = try ServerProcess(.reference)
        let redis = try reference.connect()
        let element = String(repeating: "x", count: 20)
        for start in stride(from: 0, to: 1_000_000, by: 10_000) {
            let elements = (start..<(start + 10_000)).map { "\(element)\($0)" }
            _ = try redis.call(call(["RPUSH", "list"] + elements))
            let pairs = (start..<(start + 2_000)).flatMap {
                ["\(Double($0) / 8)", "m\($0)" + element]
            }
            _ = try redis.call(call(["ZADD", "zset"] + pairs))
        }
        _ = try redis.call("EXPIREAT", "list", "4102444800")
        let server = try ServerProcess(.subject, ServerOptions(cores: 2))
        let client = try server.connect()
        let saved = try redis.save()
        let words = ["import", saved, "--address", address(server)]
        let result = try Tool.run(["/usr/bin/env", "bash", "-c", """
            ulimit -v 1500000; exec "$@"
            """, "bash", Self.program] + words)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(try client.call("LLEN", "list") == .integer(1_000_000))
        #expect(try client.call("LINDEX", "list", "777777").text == "\(element)777777")
        #expect(try client.call("PEXPIRETIME", "list") == .integer(4_102_444_800_000))
        #expect(try client.call("ZCARD", "zset") == .integer(200_000))
        #expect(try client.call("ZSCORE", "zset", "m1001" + element).text == "125.125")
        // It goes out as one payload.
        let path = folder.path(of: "large.rdb")
        let export = try gyre("export", path, "--address", address(server))
        #expect(export.status == 0, "\(export.output)\(export.errors)")
        let check = try Tool.run(["redis-check-rdb", path])
        #expect(check.output.contains("2 keys read"), "\(check.output)")
    }
}
