import Foundation
import Glibc
import TestSupport
import Testing

/// Data that is started with another number of cores than it was written by.
@Suite struct CoreCountTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path(of: "data") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func options(_ cores: Int, _ policy: String = "everysec") -> ServerOptions {
        ServerOptions(
            cores: cores,
            extra: ["--persistence", "yes", "--data-dir", path, "--appendfsync", policy])
    }

    private func check() throws -> ToolResult {
        try Tool.run(["\(ServerProgram.packageRoot)/.build/release/gyre", "check", path])
    }

    private static func kill(_ server: ServerProcess) {
        server.send(signal: SIGKILL)
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
    }

    private func layouts() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasPrefix("layout-") }.sorted()
    }

    // MARK: Data

    private static func run(_ client: RespConnection, _ command: String) throws {
        let reply = try client.call(Call(words: command)).reply
        #expect(!reply.isError, "\(command): \(reply)")
    }

    /// Something of every type, small and large, with and without a deadline; a part of it in
    /// snapshots.
    private static func write(_ client: RespConnection) throws {
        for command in CrashTests.commands { try run(client, command) }
        for part in 0..<3 {
            for number in 0..<400 {
                try client.send(
                    Call("RPUSH", "long:list", "\(part).\(number)").encoded
                        + Call("HSET", "long:hash", "f\(number)", "\(part)").encoded
                        + Call("SADD", "long:set", "m\(part * number)").encoded
                        + Call("ZADD", "long:zset", "\(number * part)", "m\(number)").encoded
                        + Call("SET", "key:\(number)", "value-\(part)-\(number)").encoded)
                for _ in 0..<5 { #expect(try !client.receive().reply.isError) }
                if number % 7 == part {
                    try run(client, "PEXPIRE key:\(number) \(90_000_000 + number)")
                }
                if number % 50 == 0 {
                    try run(client, "MSET a\(number) \(part) b\(number) \(part) c\(number) \(part)")
                }
            }
            for command in ["MULTI", "SET exec \(part)", "RPUSH queue \(part)", "EXEC"] {
                try run(client, command)
            }
            let blob = String(repeating: "blob-\(part)-", count: 100_000)
            #expect(try client.call("SET", "blob:\(part)", blob).text == "OK")
            if part == 1 { #expect(try client.call("SAVE").text == "OK") }
        }
        for name in ["list", "hash", "set", "zset"] { try run(client, "EXPIRE long:\(name) 90000") }
    }

    /// Writes `count` keys; their values follow from their names.
    private static func writeBulk(_ client: RespConnection, _ count: Int) throws {
        for first in stride(from: 0, to: count, by: 1000) {
            var words = ["MSET"]
            for number in first..<min(first + 1000, count) {
                words += ["bulk:\(number)", "value-\(number)"]
            }
            let reply = try client.call(Call(words.map { Array($0.utf8) })).reply
            #expect(!reply.isError, "\(reply)")
        }
    }

    private static func checkBulk(_ client: RespConnection, _ count: Int) throws {
        for first in stride(from: 0, to: count, by: 1000) {
            let numbers = first..<min(first + 1000, count)
            let words = ["MGET"] + numbers.map { "bulk:\($0)" }
            let found = try client.call(Call(words.map { Array($0.utf8) })).reply.elements ?? []
            #expect(found.map(\.text) == numbers.map { "value-\($0)" })
        }
    }

    // MARK: Tests

    /// From one number to the next, with writes in between, ended and killed in turn.
    @Test func everythingComesAlong() throws {
        var expected: [String] = []
        do {
            let server = try ServerProcess(.subject, options(1))
            let client = try server.connect()
            try Self.write(client)
            expected = try Contents.read(client)
            #expect(expected.count > 400)
            Self.kill(server)
        }
        var last = 1
        for (round, cores) in [2, 5, 3, 1, 4, 4, 2].enumerated() {
            let server = try ServerProcess(.subject, options(cores))
            let from = last == 1 ? "1 core" : "\(last) cores"
            let to = cores == 1 ? "1 core" : "\(cores) cores"
            if cores != last {
                let told = "wrote the data of \(from) for \(to) in "
                #expect(server.output.contains(told), "\(server.output)")
            }
            #expect(try layouts().count == 1)
            let client = try server.connect()
            #expect(try Contents.read(client) == expected, "from \(last) to \(cores)")
            try Self.run(client, "RPUSH rounds \(round)")
            try Self.run(client, "MSET r1 \(round) r2 \(round) r3 \(round) r4 \(round)")
            try Self.run(client, "APPEND key:1 -\(round)")
            try Self.run(client, "DEL key:\(2 + round)")
            try Self.run(client, "ZADD long:zset \(round) new")
            if round % 3 == 1 { #expect(try client.call("SAVE").text == "OK") }
            expected = try Contents.read(client)
            if round % 2 == 0 { Self.kill(server) } else { server.end() }
            let sound = try check()
            #expect(sound.status == 0, "\(sound.output)")
            last = cores
        }
    }

    /// Killed at random moments of it: whatever number comes next, everything is there.
    @Test func killsDuringItCostNothing() throws {
        let count = 150_000
        var expected: [String] = []
        do {
            let server = try ServerProcess(.subject, options(2))
            let client = try server.connect()
            try Self.write(client)
            expected = try Contents.read(client)
            try Self.writeBulk(client, count)
            Self.kill(server)
        }
        var random = SystemRandomNumberGenerator()
        var unfinished = 0
        var lastCores = 2
        // A start that is left alone says how long one takes.
        for round in 0..<6 {
            let kills = Int.random(in: 4...8, using: &random)
            for _ in 0..<kills {
                let cores = [1, 2, 3, 4].filter { $0 != lastCores }.randomElement() ?? 1
                try ServerProcess.startAndKill(
                    .subject, options(cores),
                    afterSeconds: Double.random(in: 0.01...0.4, using: &random))
                if try layouts().contains(where: { $0.hasSuffix(".new") }) { unfinished += 1 }
                let sound = try check()
                #expect(sound.status == 0, "\(sound.output)")
            }
            let cores = Int.random(in: 1...4, using: &random)
            let server = try ServerProcess(.subject, options(cores))
            let client = try server.connect()
            #expect(try client.call("DBSIZE").integer == Int64(expected.count + count))
            try Self.checkBulk(client, count)
            if round % 3 == 0 {
                // Without the bulk, whose keys are compared above.
                let found = try Contents.read(client) { !$0.hasPrefix("bulk:") }
                #expect(found == expected)
            }
            #expect(try layouts().count == 1)
            Self.kill(server)
            lastCores = cores
        }
        #expect(unfinished > 0, "no kill came while a layout was written")
    }

    @Test func damageIsRefusedAndNothingChanges() throws {
        do {
            let server = try ServerProcess(.subject, options(1, "always"))
            let client = try server.connect()
            for number in 0..<20 { _ = try client.call("SET", "key:\(number)", "value") }
            Self.kill(server)
        }
        let log = "\(path)/layout-1/core-0/00000002.log"
        let file = try FileHandle(forUpdating: URL(filePath: log))
        try file.seek(toOffset: 150)
        try file.write(contentsOf: Data([0xFF]))
        try file.close()
        let before = try files()
        do {
            _ = try ServerProcess(.subject, options(2))
            Issue.record("the server has started")
        } catch let failure as ServerFailure {
            #expect(failure.description.contains("is damaged (layout-1/core-0/00000002.log at "))
        }
        #expect(try files() == before)
    }

    private func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
        return files
    }

    /// What a crash left torn is not copied, and told.
    @Test func aTornEndStaysBehind() throws {
        do {
            let server = try ServerProcess(.subject, options(1, "always"))
            let client = try server.connect()
            for number in 0..<20 { _ = try client.call("SET", "key:\(number)", "value") }
            Self.kill(server)
        }
        let url = URL(filePath: "\(path)/layout-1/core-0/00000002.log")
        let bytes = try Data(contentsOf: url)
        let end = (try #require(bytes.lastIndex { $0 != 0 }) + 8) & ~7
        let file = try FileHandle(forUpdating: url)
        try file.seek(toOffset: UInt64(end))
        try file.write(contentsOf: Data(repeating: 0x41, count: 1100))
        try file.close()
        let server = try ServerProcess(.subject, options(3))
        #expect(try server.connect().call("DBSIZE") == .integer(20))
        let told = "core 0: the log ended torn; 1,100 bytes behind 00000002.log:\(end) were cut"
        #expect(server.output.contains(told), "\(server.output)")
        #expect(try layouts() == ["layout-2"])
    }
}
