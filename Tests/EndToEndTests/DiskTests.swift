import Foundation
import Glibc
import TestSupport
import Testing

/// Disks that are really full, and file systems that are really read-only.
@Suite(.serialized) struct DiskTests {
    /// A disk of the test's own; nil where this machine lets nobody but the superuser have one,
    /// which is reported all the same.
    private static func disk(_ kind: PrivateDisk.Kind) throws -> PrivateDisk? {
        do {
            return try PrivateDisk(kind)
        } catch let error as PrivateDisk.Unavailable {
            let isOptional =
                switch kind {
                case .memory: geteuid() != 0
                case .file:
                    geteuid() != 0 || !FileManager.default.fileExists(atPath: "/dev/loop-control")
                }
            guard isOptional else { throw error }
            withKnownIssue("NOT TRIED: \(error)") { Issue.record(error) }
            return nil
        }
    }

    private static func options(
        _ disk: PrivateDisk, _ cores: Int, _ policy: String = "everysec", _ more: String...
    ) -> ServerOptions {
        ServerOptions(
            cores: cores,
            extra: [
                "--persistence", "yes", "--data-dir", "\(disk.path)/data", "--appendfsync", policy,
            ] + more, launcher: disk.launcher)
    }

    private static func kill(_ server: ServerProcess) {
        server.send(signal: SIGKILL)
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
    }

    private static func gyre(_ disk: PrivateDisk, _ words: String...) throws -> ToolResult {
        try disk.run(["\(ServerProgram.packageRoot)/.build/release/gyre"] + words)
    }

    private static func expectRefusal(
        _ options: ServerOptions, _ words: String, location: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try ServerProcess(.subject, options)
            Issue.record("the server has started", sourceLocation: location)
        } catch {
            #expect("\(error)".contains(words), "\(error)", sourceLocation: location)
        }
    }

    /// Values that do not shrink when they are compressed.
    private static let noise: [UInt8] = {
        var random = SystemRandomNumberGenerator()
        return (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }()

    private static func value(_ number: Int, count: Int = 1 << 20) -> [UInt8] {
        Array("\(number):".utf8) + noise[..<count]
    }

    private static let refusal = "MISCONF Errors writing to the AOF file: No space left on device"

    /// Writes values of a MiB until one is refused, with the right words.
    ///
    /// - Returns: the numbers of those that were acknowledged.
    private static func write(
        _ client: RespConnection, from first: Int, atMost count: Int = 400
    ) throws -> Range<Int> {
        for number in first..<(first + count) {
            let call = Call([Array("SET".utf8), Array("big:\(number)".utf8), value(number)])
            let reply = try client.call(call).reply
            if reply.isError {
                #expect(reply.text == refusal)
                return first..<number
            }
        }
        return first..<(first + count)
    }

    private static func check(_ client: RespConnection, _ numbers: Range<Int>) throws {
        for number in numbers {
            let found = try client.call("GET", "big:\(number)").bytes
            #expect(found == value(number), "big:\(number)")
        }
    }

    /// Waits until the server takes writes again.
    private static func waitUntilWritable(_ client: RespConnection) {
        #expect(
            Deadline.wait(seconds: 20) {
                (0..<8).allSatisfy {
                    (try? client.call("SET", "small:\($0)", "again"))?.isError == false
                }
            })
    }

    // MARK: Full

    @Test(arguments: [(1, "always"), (1, "everysec"), (2, "always"), (2, "everysec")])
    func aFullDiskRefusesWritesUntilThereIsRoom(cores: Int, policy: String) throws {
        guard let disk = try Self.disk(.memory(320 * cores + 80)) else { return }
        let options = Self.options(disk, cores, policy)
        var numbers = 0..<0
        do {
            let server = try ServerProcess(.subject, options)
            let client = try server.connect()
            try disk.fill()
            let written = try Self.write(client, from: 0)
            // The segments of all cores have their room from the beginning.
            #expect(written.count > 55, "\(written)")
            // Whatever core a key is on, and over several.
            for number in 0..<8 {
                #expect(try client.call("SET", "small:\(number)", "x").text == Self.refusal)
            }
            let many = try client.call("MSET", "a", "1", "b", "1", "c", "1", "d", "1")
            #expect(many.text == Self.refusal)
            #expect(try client.call("EXISTS", "small:0", "a", "b") == .integer(0))
            try Self.check(client, written)
            let info = try client.call("INFO", "persistence").text ?? ""
            #expect(info.contains("aof_last_write_status:err"))
            #expect(try client.call("SAVE").isError)
            try Self.check(client, written.lowerBound..<3)
            disk.free()
            Self.waitUntilWritable(client)
            let after = try client.call("INFO", "persistence").text ?? ""
            #expect(after.contains("aof_last_write_status:ok"))
            let more = try Self.write(client, from: written.upperBound, atMost: 10)
            #expect(more.count == 10)
            numbers = 0..<more.upperBound
            #expect(try client.call("MSET", "a", "1", "b", "1", "c", "1", "d", "1").text == "OK")
            Self.kill(server)
        }
        do {
            let server = try ServerProcess(.subject, options)
            let client = try server.connect()
            try Self.check(client, numbers)
            #expect(try client.call("EXISTS", "a", "b", "c", "d", "small:3") == .integer(5))
            // Killed while it is full.
            try disk.fill()
            let written = try Self.write(client, from: numbers.upperBound)
            numbers = 0..<written.upperBound
            Self.kill(server)
        }
        // What is there is read, but a start needs room.
        Self.expectRefusal(options, "The disk has no room for the data in")
        let sound = try Self.gyre(disk, "check", "\(disk.path)/data")
        #expect(sound.status == 0, "\(sound.output)")
        disk.free()
        let server = try ServerProcess(.subject, options)
        let client = try server.connect()
        try Self.check(client, numbers)
        #expect(try client.call("EXISTS", "a", "b", "c", "d", "small:3") == .integer(5))
    }

    /// A snapshot fails and says so, whichever step finds no room; the log goes on.
    @Test(arguments: [0, 40])
    func aSnapshotOnAFullDiskFails(writtenBefore: Int) throws {
        guard let disk = try Self.disk(.memory(440)) else { return }
        let options = Self.options(disk, 1)
        let server = try ServerProcess(.subject, options)
        let client = try server.connect()
        let first = try Self.write(client, from: 0, atMost: writtenBefore)
        // Beyond the middle of a segment the next one is there.
        #expect(
            Deadline.wait(seconds: 10) {
                let names = try? FileManager.default.contentsOfDirectory(
                    atPath: disk.outside("data/layout-1/core-0"))
                return (names ?? []).filter { $0.hasSuffix(".log") }.count
                    >= (writtenBefore > 32 ? 3 : 2)
            })
        try disk.fill()
        let failed = try client.call("SAVE")
        #expect(failed.isError, "\(failed)")
        let info = try client.call("INFO", "persistence").text ?? ""
        #expect(info.contains("rdb_last_bgsave_status:err"))
        #expect(info.contains("aof_last_bgrewrite_status:err"))
        #expect(info.contains("aof_last_write_status:ok"))
        let more = try Self.write(client, from: first.upperBound, atMost: 10)
        #expect(more.count == 10)
        disk.free()
        #expect(try client.call("SAVE").text == "OK")
        Self.kill(server)
        let again = try ServerProcess(.subject, options)
        try Self.check(again.connect(), 0..<more.upperBound)
    }

    /// One that is larger than the room that its segment has beforehand waits for room, and nothing
    /// is lost.
    @Test(arguments: ["always", "everysec"])
    func aBatchWithoutRoomWaits(policy: String) throws {
        guard let disk = try Self.disk(.memory(260)) else { return }
        let options = Self.options(disk, 1, policy)
        do {
            let server = try ServerProcess(.subject, options)
            let (client, other) = (try server.connect(), try server.connect())
            try disk.fill()
            #expect(try Self.write(client, from: 0, atMost: 58).count == 58)
            let large = [[UInt8]](repeating: Self.noise, count: 30).flatMap(\.self)
            try client.send(Call([Array("SET".utf8), Array("large".utf8), large]).encoded)
            #expect(try client.receive(within: 2) == nil)
            disk.free()
            #expect(try client.receive().reply.text == "OK")
            Self.waitUntilWritable(other)
            #expect(try other.call("STRLEN", "large") == .integer(30 << 20))
            Self.kill(server)
        }
        let server = try ServerProcess(.subject, options)
        let client = try server.connect()
        try Self.check(client, 0..<58)
        #expect(try client.call("STRLEN", "large") == .integer(30 << 20))
        #expect(try client.call("EXISTS", "small:0") == .integer(1))
    }

    /// Another number of cores needs room for as much again: without it nothing changes.
    @Test func reshardingWithoutRoomChangesNothing() throws {
        guard let disk = try Self.disk(.memory(400)) else { return }
        do {
            let server = try ServerProcess(.subject, Self.options(disk, 1))
            let client = try server.connect()
            #expect(try Self.write(client, from: 0, atMost: 30).count == 30)
            Self.kill(server)
        }
        try disk.fill()
        try disk.free(8 << 20)
        Self.expectRefusal(
            Self.options(disk, 2),
            """
            is that of 1 cores, and could not be written for 2 (No space left on device); it is as \
            it was: see that there is room for as much again, or start with --cores 1.
            """)
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.outside("data"))
        #expect(names.filter { $0.hasPrefix("layout-") } == ["layout-1"])
        let sound = try Self.gyre(disk, "check", "\(disk.path)/data")
        #expect(sound.status == 0, "\(sound.output)")
        disk.free()
        for cores in [1, 2] {
            let server = try ServerProcess(.subject, Self.options(disk, cores))
            try Self.check(server.connect(), 0..<30)
            Self.kill(server)
        }
    }

    // MARK: Read-only

    @Test func aReadOnlyFileSystemIsRefused() throws {
        guard let disk = try Self.disk(.memory(160)) else { return }
        let options = Self.options(disk, 1)
        do {
            let server = try ServerProcess(.subject, options)
            _ = try server.connect().call("SET", "k", "v")
            server.end()
        }
        let words = "The file system of \(disk.path)/data is read-only"
        #expect(try disk.run(["mount", "-o", "remount,ro", disk.path]).status == 0)
        Self.expectRefusal(options, words)
        // Whatever number of cores, and where there is nothing yet.
        Self.expectRefusal(Self.options(disk, 2), words)
        var elsewhere = options
        elsewhere.extra += ["--data-dir", "\(disk.path)/other"]
        Self.expectRefusal(elsewhere, "The file system of \(disk.path)/other is read-only")
        #expect(try Self.gyre(disk, "check", "\(disk.path)/data").status == 0)
        #expect(try disk.run(["mount", "-o", "remount,rw", disk.path]).status == 0)
        let server = try ServerProcess(.subject, options)
        #expect(try server.connect().call("GET", "k").text == "v")
    }

    /// The kernel finds an error and makes the file system read-only while it is served from.
    @Test func aFileSystemThatBecomesReadOnlyEndsTheLog() throws {
        guard let disk = try Self.disk(.file(400)) else { return }
        let options = Self.options(disk, 1, "always")
        var acknowledged = 0
        do {
            let server = try ServerProcess(.subject, options)
            let (client, other) = (try server.connect(), try server.connect())
            while acknowledged < 100 {
                #expect(try client.call("SET", "k", "\(acknowledged + 1)").text == "OK")
                acknowledged += 1
            }
            try disk.breakDown()
            // The write that meets it is never acknowledged; those after it are refused.
            #expect(throws: ConnectionError.self) {
                while true {
                    let reply = try client.call("SET", "k", "\(acknowledged + 1)")
                    if reply.isError { throw ConnectionError.closed }
                    acknowledged += 1
                }
            }
            let refusal = "MISCONF Errors writing to the AOF file: Read-only file system"
            #expect(try other.call("SET", "k", "x").text == refusal)
            #expect(try other.call("GET", "k").text == refusal)
            #expect(try other.call("PING").text == "PONG")
            Self.kill(server)
        }
        Self.expectRefusal(options, "is read-only")
        try disk.mend()
        let server = try ServerProcess(.subject, options)
        let found = try server.connect().call("GET", "k").text.flatMap { Int($0) } ?? 0
        #expect(found == acknowledged || found == acknowledged + 1)
    }

    // MARK: A disk that cannot be read

    /// Reading is through mapped memory, where an error is a signal: it ends with a sentence too.
    @Test func aFileThatCannotBeReadEndsWithASentence() throws {
        guard let disk = try Self.disk(.memory(160)) else { return }
        do {
            let server = try ServerProcess(.subject, Self.options(disk, 1))
            _ = try server.connect().call("SET", "k", "v")
            Self.kill(server)
        }
        // A page that is not there, on a disk which has none left to put there.
        let log = "data/layout-1/core-0/00000002.log"
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: disk.outside(log))[.size] as? Int)
        #expect(unsafe truncate(disk.outside(log), size + (1 << 20)) == 0)
        try disk.fill()
        let words = "gyre: \(disk.path)/\(log) cannot be read to its end: the disk has failed"
        let check = try Self.gyre(disk, "check", "\(disk.path)/data")
        #expect(check.status == 74, "\(check)")
        #expect(check.errors.hasPrefix(words), "\(check.errors)")
    }
}
