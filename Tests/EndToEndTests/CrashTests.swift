import Foundation
import Glibc
import TestSupport
import Testing

/// Servers that are killed under load: what was acknowledged is there again, nothing is half.
///
/// `GYRE_CRASH_ROUNDS` says how often each of them is killed.
@Suite struct CrashTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["GYRE_CRASH_ROUNDS"].flatMap { Int($0) } ?? 8

    private static func options(
        _ cores: Int, _ directory: String, _ policy: String
    ) -> ServerOptions {
        ServerOptions(
            cores: cores,
            extra: [
                "--persistence", "yes", "--data-dir", directory, "--appendfsync", policy,
            ])
    }

    private static func kill(_ server: ServerProcess) {
        server.send(signal: SIGKILL)
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
    }

    // MARK: What is kept

    /// Something of every type, changed in every way.
    static let commands = [
        "SET string value", "SET number 12", "INCRBY number 30", "APPEND string -more",
        "SETRANGE string 20 gap", "SETBIT bits 100 1", "BITFIELD field SET u8 #2 200",
        "SET short x PX 100000000", "EXPIRE string 100000", "SET gone x", "DEL gone",
        "SET lives x EX 100", "PERSIST lives", "PFADD log a b c", "PFCOUNT log",
        "RPUSH list a b c d e", "LPUSH list z", "LSET list 1 q", "LINSERT list BEFORE c n",
        "LREM list 1 d", "LTRIM list 0 4", "RPOPLPUSH list other", "RPUSH rest 1 2", "LPOP rest 2",
        "HSET hash f v g 2 h 3", "HINCRBY hash g 5", "HDEL hash f", "HINCRBYFLOAT hash h 0.5",
        "SADD set a b c", "SREM set b", "SADD numbers 1 2 3 70000", "SPOP numbers",
        "SADD target b", "SMOVE set target a", "SUNIONSTORE union set target numbers",
        "ZADD sorted 1 a 2.5 b 3 c", "ZINCRBY sorted 2 a", "ZREM sorted b",
        "ZADD ranks 1 a 2 b 3 c 4 d", "ZREMRANGEBYRANK ranks 0 1", "ZPOPMIN ranks",
        "ZUNIONSTORE sum 2 sorted ranks", "GEOADD places 13.4 52.5 berlin", "COPY hash copied",
        "RENAME union renamed", "SORT numbers STORE ordered", "MSET m1 1 m2 2 m3 3", "GETDEL m3",
    ]

    /// - Parameter savedAfter: so many commands are in a snapshot, the others in the log; nil for
    ///   no snapshot.
    @Test(arguments: ServerProgram.subject.coreCounts, [nil, 25, Self.commands.count])
    func everyTypeIsKept(cores: Int, savedAfter: Int?) throws {
        let directory = try TemporaryDirectory()
        let options = Self.options(cores, directory.path(of: "data"), "everysec")
        var before: [String] = []
        do {
            let server = try ServerProcess(.subject, options)
            let client = try server.connect()
            for (number, command) in Self.commands.enumerated() {
                if number == savedAfter { try Self.save(client) }
                let words = command.split(separator: " ").map { Array($0.utf8) }
                let reply = try client.call(Call(words)).reply
                #expect(!reply.isError, "\(command): \(reply)")
            }
            if savedAfter == Self.commands.count {
                try Self.save(client)
            }
            // As one group.
            for command in ["MULTI", "SET exec 1", "RPUSH queue a", "EXEC"] {
                _ = try client.call(Call(command.split(separator: " ").map { Array($0.utf8) }))
            }
            before = try Contents.read(client)
            Self.kill(server)
        }
        let server = try ServerProcess(.subject, options)
        #expect(try Contents.read(server.connect()) == before)
        #expect(before.count == 24)
    }

    private static func save(_ client: RespConnection) throws {
        let reply = try client.call("SAVE")
        #expect(!reply.isError, "\(reply)")
    }

    // MARK: Kills

    /// What a client wrote and what it heard of it.
    private struct Writer {
        let name: String
        let connection: RespConnection
        var sent = 0
        var acknowledged = 0

        /// Each round of writes: a counter, an element of a list, two keys that are always alike.
        mutating func write(_ count: Int) throws {
            var bytes: [UInt8] = []
            for _ in 0..<count {
                sent += 1
                bytes += Call("SET", "\(name):counter", "\(sent)").encoded
                bytes += Call("RPUSH", "\(name):list", "\(sent)").encoded
                bytes += Call("MSET", "\(name):one", "\(sent)", "\(name):two", "\(sent)").encoded
            }
            try connection.send(bytes)
        }

        mutating func read(_ count: Int) throws {
            for _ in 0..<count {
                for _ in 0..<3 {
                    let reply = try connection.receive().reply
                    #expect(!reply.isError, "\(reply)")
                }
                acknowledged += 1
            }
        }
    }

    @Test(arguments: ServerProgram.subject.coreCounts, ["always", "everysec"])
    func whatWasAcknowledgedIsThereAfterKills(cores: Int, policy: String) throws {
        let directory = try TemporaryDirectory()
        let options = Self.options(cores, directory.path(of: "data"), policy)
        var random = SystemRandomNumberGenerator()
        var done = [Int](repeating: 0, count: 4)
        for round in 0..<Self.rounds {
            let server = try ServerProcess(.subject, options)
            try Self.check(server, done, round)
            // In every second round snapshots are written all the time.
            if round % 2 == 1 {
                let client = try server.connect()
                for setting in [("min-size", "1000"), ("percentage", "1")] {
                    let name = "auto-aof-rewrite-\(setting.0)"
                    let reply = try client.call("CONFIG", "SET", name, setting.1)
                    #expect(!reply.isError, "\(reply)")
                }
            }
            var writers = try done.indices.map { index in
                Writer(
                    name: "w\(index)", connection: try server.connect(), sent: done[index],
                    acknowledged: done[index])
            }
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                for index in writers.indices { try writers[index].write(5) }
                for index in writers.indices { try writers[index].read(5) }
            }
            // Killed with writes under way, of which some may be acknowledged still.
            for index in writers.indices { try writers[index].write(20) }
            Self.kill(server)
            for index in writers.indices {
                while (try? writers[index].read(1)) != nil {}
                done[index] = writers[index].acknowledged
            }
            let after = try ServerProcess(.subject, options)
            let found = try Self.check(after, done, round)
            for index in writers.indices { #expect(found[index] <= writers[index].sent) }
            done = found
            Self.kill(after)
        }
        let files = FileManager.default.enumerator(atPath: directory.path(of: "data"))
        let names = files?.compactMap { $0 as? String } ?? []
        #expect(names.contains { $0.hasSuffix(".snap") })
    }

    /// Checks what each writer finds; returns how far it is.
    @discardableResult
    private static func check(_ server: ServerProcess, _ acknowledged: [Int], _ round: Int) throws
        -> [Int]
    {
        let client = try server.connect()
        return try acknowledged.enumerated().map { index, acknowledged in
            let name = "w\(index)"
            let counter = try client.call("GET", "\(name):counter").text.flatMap { Int($0) } ?? 0
            #expect(counter >= acknowledged, "round \(round): \(name) has lost writes")
            guard case .array(let list) = try client.call("LRANGE", "\(name):list", "0", "-1")
            else { return 0 }
            let numbers = list.compactMap { $0.text.flatMap { Int($0) } }
            #expect(numbers == Array(1..<(1 + numbers.count)), "round \(round): \(name)'s list")
            #expect(numbers.count >= acknowledged, "round \(round): \(name)'s list is short")
            let one = try client.call("GET", "\(name):one").text
            let two = try client.call("GET", "\(name):two").text
            #expect(one == two, "round \(round): \(name) has half a transaction")
            #expect((one.flatMap { Int($0) } ?? 0) >= acknowledged)
            // The next writes go on where the list ends.
            _ = try client.call("SET", "\(name):counter", "\(numbers.count)")
            _ = try client.call(
                "MSET", "\(name):one", "\(numbers.count)", "\(name):two", "\(numbers.count)")
            return numbers.count
        }
    }

    // MARK: Directories that must not be used

    @Test func aSecondProcessIsRefused() throws {
        let directory = try TemporaryDirectory()
        let options = Self.options(1, directory.path(of: "data"), "everysec")
        let server = try ServerProcess(.subject, options)
        try Self.expectRefusal(options, "uses the data directory")
        #expect(server.isRunning)
    }

    @Test func aDirectoryOfSomethingElseIsRefused() throws {
        let directory = try TemporaryDirectory()
        try Data("x".utf8).write(to: URL(filePath: directory.path(of: "letter.txt")))
        try Self.expectRefusal(
            Self.options(1, directory.path(of: ""), "everysec"), "no data of Gyre")
    }

    /// Kills a server that has answered twenty writes; what it was started with.
    private static func killAfterWrites(_ directory: TemporaryDirectory) throws -> ServerOptions {
        let options = options(1, directory.path(of: "data"), "always")
        let server = try ServerProcess(.subject, options)
        let client = try server.connect()
        for number in 0..<20 { _ = try client.call("SET", "key:\(number)", "value") }
        kill(server)
        return options
    }

    @Test func damageStopsTheStart() throws {
        let directory = try TemporaryDirectory()
        let options = try Self.killAfterWrites(directory)
        let path = directory.path(of: "data/layout-1/core-0/00000002.log")
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 150)
        try file.write(contentsOf: Data([0xFF]))
        try file.close()
        let before = try Data(contentsOf: URL(filePath: path))
        try Self.expectRefusal(options, "is damaged")
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    // MARK: What a start says

    @Test func aTornEndIsCutAndTold() throws {
        let directory = try TemporaryDirectory()
        let options = try Self.killAfterWrites(directory)
        let name = "data/layout-1/core-0/00000002.log"
        let url = URL(filePath: directory.path(of: name))
        let bytes = try Data(contentsOf: url)
        let last = try #require(bytes.lastIndex { $0 != 0 })
        let end = (last + 8) & ~7
        let file = try FileHandle(forUpdating: url)
        try file.seek(toOffset: UInt64(end))
        try file.write(contentsOf: Data(repeating: 0x41, count: 1100))
        try file.close()
        let again = try ServerProcess(.subject, options)
        #expect(try again.connect().call("DBSIZE") == .integer(20))
        let told = """
            core 0: the log ended torn; 1,100 bytes behind 00000002.log:\(end) were cut \
            (never acknowledged under appendfsync always)
            """
        #expect(again.output.contains(told), "\(again.output)")
        #expect(again.output.contains("recovered 20 keys in "), "\(again.output)")
        Self.kill(again)
        // It is said once.
        let third = try ServerProcess(.subject, options)
        #expect(!third.output.contains("torn"))
    }

    private static func expectRefusal(_ options: ServerOptions, _ words: String) throws {
        do {
            _ = try ServerProcess(.subject, options)
            Issue.record("the server has started")
        } catch let failure as ServerFailure {
            #expect(failure.description.contains(words), "\(failure)")
        }
    }
}
