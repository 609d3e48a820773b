import Foundation
import TestSupport
import Testing

/// SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE beside redis-server's, and WAITAOF, which 7.0 lacks.
@Suite struct PersistenceConformanceTests {
    private static let options = ["--persistence", "yes", "--data-dir", "data"]

    /// Waits until a server writes no snapshot.
    private static func settle(_ client: RespConnection) throws {
        let isIdle = try Deadline.wait(seconds: 20) {
            let info = try client.call("INFO", "persistence").text ?? ""
            return info.contains("rdb_bgsave_in_progress:0\r\n")
                && info.contains("aof_rewrite_in_progress:0\r\n")
        }
        #expect(isIdle)
    }

    private static func call(_ client: RespConnection, _ line: String) throws -> Reply {
        try client.call(Call(line.split(separator: " ").map { Array($0.utf8) })).reply
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func repliesAreTheSame(cores: Int) throws {
        let reference = try ServerProcess(.reference)
        let subject = try ServerProcess(
            .subject, ServerOptions(cores: cores, extra: Self.options))
        let clients = [try reference.connect(), try subject.connect()]
        let observers = [try reference.connect(), try subject.connect()]
        let lines = [
            "SET key value", "SAVE", "SAVE x", "BGSAVE x", "BGSAVE SCHEDULE x", "BGSAVE SCHEDULE",
            "BGREWRITEAOF x", "LASTSAVE x", "BGSAVE", "BGREWRITEAOF", "MULTI", "SAVE", "EXEC",
            "MULTI", "BGSAVE", "SET key other", "EXEC", "SAVE",
        ]
        for line in lines {
            let replies = try clients.map { try Self.call($0, line) }
            #expect(replies[0] == replies[1], "\(line)")
            for observer in observers { try Self.settle(observer) }
        }
        let times = try clients.map { try $0.call("LASTSAVE").integer ?? 0 }
        #expect(abs(times[0] - times[1]) <= 20)
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func waitaof(cores: Int) throws {
        let subject = try ServerProcess(
            .subject, ServerOptions(cores: cores, extra: Self.options))
        let client = try subject.connect()
        _ = try client.call("SET", "key", "value")
        #expect(try Self.call(client, "WAITAOF 1 0 0") == .array([.integer(1), .integer(0)]))
        #expect(try Self.call(client, "WAITAOF 2 0 0").isError)
        #expect(try Self.call(client, "WAITAOF 1 -1 0").isError)
        #expect(try Self.call(client, "WAITAOF 1 0 -1").isError)
        #expect(try Self.call(client, "WAITAOF 1 0").isError)
    }

    /// Every field of the section that redis-server 7.0 has, while nothing is saved.
    @Test func infoHasTheSameFields() throws {
        let reference = try ServerProcess(.reference)
        let subject = try ServerProcess(.subject, ServerOptions(extra: Self.options))
        func fields(_ server: ServerProcess) throws -> Set<String> {
            let info = try server.connect().call("INFO", "persistence").text ?? ""
            return Set(
                info.split(separator: "\r\n").filter { $0.contains(":") }.map {
                    String($0.prefix { $0 != ":" })
                })
        }
        let missing = try fields(reference).subtracting(try fields(subject))
        #expect(missing.isEmpty)
    }
}
