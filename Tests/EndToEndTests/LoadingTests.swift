import Foundation
import Glibc
import TestSupport
import Testing

/// A server that reads its data back tells clients to come again, and serves as soon as it has it.
///
/// `key-load-delay` holds it up until a client takes it back.
@Suite struct LoadingTests {
    private static func options(_ cores: Int, _ directory: TemporaryDirectory) -> ServerOptions {
        ServerOptions(
            cores: cores,
            extra: ["--persistence", "yes", "--data-dir", directory.path(of: "data")])
    }

    /// A server on data of 200 keys that reads one in a thousand seconds.
    private static func slowServer(
        _ cores: Int, _ directory: TemporaryDirectory, isSaved: Bool
    ) throws -> ServerProcess {
        do {
            let server = try ServerProcess(.subject, options(cores, directory))
            let client = try server.connect()
            for number in 0..<200 {
                #expect(try client.call("SET", "key:\(number)", "\(number)").text == "OK")
            }
            if isSaved { #expect(try client.call("SAVE").text == "OK") }
        }
        let file = directory.path(of: "slow.yaml")
        try "key-load-delay: 1000000000\n".write(toFile: file, atomically: true, encoding: .utf8)
        var slow = options(cores, directory)
        slow.extra += ["--config", file]
        slow.waitsForData = false
        return try ServerProcess(.subject, slow)
    }

    private static func info(_ client: RespConnection, _ field: String) throws -> String? {
        let text = try client.call("INFO", "persistence").text ?? ""
        let line = text.split(separator: "\r\n").first { $0.hasPrefix("\(field):") }
        return line.map { String($0.dropFirst(field.count + 1)) }
    }

    @Test(arguments: ServerProgram.subject.coreCounts, [false, true])
    func clientsAreToldToComeAgain(cores: Int, isSaved: Bool) throws {
        let directory = try TemporaryDirectory()
        let server = try Self.slowServer(cores, directory, isSaved: isSaved)
        let client = try server.connect()
        let refusal = "LOADING Redis is loading the dataset in memory"
        for command in ["PING", "DBSIZE", "RANDOMKEY"] {
            #expect(try client.call(command).text == refusal, "\(command)")
        }
        #expect(try client.call("SET", "key:1", "new").text == refusal)
        #expect(try Self.info(client, "loading") == "1")
        let knowsSize = Deadline.wait(seconds: 20) {
            let total = try? Self.info(client, "loading_total_bytes")
            return Int(total ?? "") ?? 0 > 0
        }
        #expect(knowsSize)
        #expect(try client.call("CONFIG", "SET", "key-load-delay", "0").text == "OK")
        #expect(Deadline.wait(seconds: 20) { (try? Self.info(client, "loading")) == "0" })
        #expect(try client.call("DBSIZE").integer == 200)
        #expect(try client.call("GET", "key:1").text == "1")
        #expect(try client.call("SET", "key:1", "new").text == "OK")
        #expect(try Self.info(client, "loading_total_bytes") == nil)
    }

    /// A server that is told to end does not read on, and the next finds everything.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func endsWhileItLoads(cores: Int) throws {
        let directory = try TemporaryDirectory()
        do {
            let server = try Self.slowServer(cores, directory, isSaved: false)
            #expect(try server.connect().call("DBSIZE").isError)
            server.send(signal: SIGTERM)
            #expect(Deadline.wait(seconds: 20) { !server.isRunning })
            #expect(server.exitStatus == 0)
        }
        let server = try ServerProcess(.subject, Self.options(cores, directory))
        #expect(try server.connect().call("DBSIZE").integer == 200)
    }
}
