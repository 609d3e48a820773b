import Foundation
import TestSupport
import Testing

/// redis-cli as users type it.
@Suite struct RedisCliTests {
    private func cli(
        _ server: ServerProcess, _ words: String..., input: String? = nil
    ) throws -> String {
        let result = try Tool.run(
            ["redis-cli", "-p", "\(server.port)"] + words, input: input.map { Data($0.utf8) })
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func commands(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        #expect(try cli(server, "PING") == "PONG\n")
        #expect(try cli(server, "SET", "a", "1", "EX", "100") == "OK\n")
        #expect(try cli(server, "INCR", "a") == "2\n")
        #expect(try cli(server, "-3", "MSET", "b", "x y", "c", "") == "OK\n")
        #expect(try cli(server, "MGET", "a", "b", "c", "d") == "2\nx y\n\n\n")
        #expect(try cli(server, "-3", "--no-raw", "GET", "d") == "(nil)\n")
        #expect(try cli(server, "--no-raw", "TTL", "b") == "(integer) -1\n")
        #expect(try cli(server, "GET").hasPrefix("ERR wrong number of arguments for 'get' command"))
        #expect(try cli(server, "-x", "SET", "d", input: "from stdin") == "OK\n")
        #expect(try cli(server, "STRLEN", "d") == "10\n")
    }

    @Test func session() throws {
        let server = try ServerProcess(.subject)
        let typed = """
            MULTI
            SET k "a \\x41"
            GET k
            EXEC
            HELLO 3
            CLIENT GETNAME
            RESET
            """
        let printed = try cli(server, input: typed + "\n")
        #expect(printed.hasPrefix("OK\nQUEUED\nQUEUED\nOK\na A\n"))
        #expect(printed.contains("proto"))
        #expect(printed.hasSuffix("RESET\n"))
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func massInsertionAndScan(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let count = 20_000
        let calls = (0..<count).map { Call("SET", "key:\($0)", "value:\($0)").encoded }
        let input = String(decoding: calls.joined(), as: UTF8.self)
        let piped = try cli(server, "--pipe", input: input)
        #expect(piped.contains("errors: 0, replies: \(count)"))
        #expect(try cli(server, "DBSIZE") == "\(count)\n")
        let scanned = try cli(server, "--scan").split(separator: "\n")
        #expect(Set(scanned).count == count)
        let matched = try cli(server, "--scan", "--pattern", "key:19*9").split(separator: "\n")
        let expected = (0..<count).map { "key:\($0)" }.filter {
            $0.hasPrefix("key:19") && $0.hasSuffix("9") && $0.count > 6
        }
        #expect(Set(matched.map(String.init)) == Set(expected))
    }

    @Test func authentication() throws {
        let server = try ServerProcess(.subject, ServerOptions(password: "secret"))
        #expect(try cli(server, "PING").hasPrefix("NOAUTH Authentication required."))
        #expect(try cli(server, "--no-auth-warning", "-a", "secret", "PING") == "PONG\n")
        #expect(
            try cli(server, "--no-auth-warning", "--user", "default", "--pass", "secret", "PING")
                == "PONG\n")
    }
}
