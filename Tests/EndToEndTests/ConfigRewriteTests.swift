import Foundation
import TestSupport
import Testing

/// CONFIG REWRITE on a real file: what was set stays set after the next start.
@Suite struct ConfigRewriteTests {
    private static let text = """
        # The node of the tests.
        maxclients: 500   # for a start

        slowlog-log-slower-than: 20000
        client-output-buffer-limit: normal 0 0 0
        # The end.

        """

    private func server(_ path: String, cores: Int) throws -> ServerProcess {
        try ServerProcess(.subject, ServerOptions(cores: cores, extra: ["--config", path]))
    }

    private func value(_ client: RespConnection, _ name: String) throws -> String? {
        try client.call("CONFIG", "GET", name)[name]?.text
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func whatWasSetIsThereAfterTheNextStart(cores: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "gyre.yaml")
        try Self.text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let first = try server(path, cores: cores)
        let client = try first.connect()
        #expect(try value(client, "slowlog-log-slower-than") == "20000")
        #expect(try client.call("CONFIG", "REWRITE").text == "OK")
        #expect(directory.text(of: "gyre.yaml") == Self.text, "nothing differs yet")

        for (name, value) in [
            ("maxclients", "600"), ("slowlog-log-slower-than", "5"), ("maxmemory", "100mb"),
            ("latency-tracking-info-percentiles", "50 99.99"), ("requirepass", "it's: #1"),
        ] {
            #expect(try client.call("CONFIG", "SET", name, value).text == "OK", "\(name)")
        }
        #expect(try client.call("CONFIG", "REWRITE").text == "OK")
        let written = directory.text(of: "gyre.yaml")
        #expect(
            written == """
                # The node of the tests.
                maxclients: 600 # for a start

                slowlog-log-slower-than: 5
                client-output-buffer-limit: normal 0 0 0
                # The end.
                latency-tracking-info-percentiles: 50 99.99
                requirepass: 'it''s: #1'
                maxmemory: 104857600

                """)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.url.path)
        #expect(names == ["gyre.yaml"], "nothing is left behind")
        first.end()

        let again = try server(path, cores: cores)
        let second = try again.connect()
        #expect(try second.call("AUTH", "it's: #1").text == "OK")
        #expect(try value(second, "maxmemory") == "104857600")
        #expect(try value(second, "maxclients") == "600")
        #expect(try value(second, "slowlog-log-slower-than") == "5")
        #expect(try value(second, "latency-tracking-info-percentiles") == "50 99.99")
    }

    @Test func whatTheDiskRefusesIsTold() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "sub/gyre.yaml")
        try FileManager.default.createDirectory(
            atPath: directory.path(of: "sub"), withIntermediateDirectories: true)
        try Self.text.write(toFile: path, atomically: true, encoding: .utf8)
        let server = try server(path, cores: 1)
        let client = try server.connect()
        #expect(try client.call("CONFIG", "SET", "maxclients", "77").text == "OK")
        try "maxclients: [1\n".write(toFile: path, atomically: true, encoding: .utf8)
        let unsound = try client.call("CONFIG", "REWRITE")
        #expect(unsound.text?.hasPrefix("ERR Rewriting config file: ") == true, "\(unsound)")
        #expect(directory.text(of: "sub/gyre.yaml") == "maxclients: [1\n")
        try FileManager.default.removeItem(atPath: directory.path(of: "sub"))
        #expect(
            try client.call("CONFIG", "REWRITE").text
                == "ERR Rewriting config file: No such file or directory")
        try FileManager.default.createDirectory(
            atPath: directory.path(of: "sub"), withIntermediateDirectories: true)
        #expect(try client.call("CONFIG", "REWRITE").text == "OK")
        #expect(directory.text(of: "sub/gyre.yaml").contains("maxclients: 77\n"))
        #expect(try client.call("PING").text == "PONG")
    }

    @Test func withoutAFileTheErrorIsThatOfRedis() throws {
        let replies = try [ServerProgram.reference, .subject].map { program in
            let server = try ServerProcess(program)
            let client = try server.connect()
            defer { server.end() }
            return try client.call("CONFIG", "REWRITE")
        }
        #expect(replies[0] == replies[1])
    }

    @Test func aParameterInTheFileThatIsWrongStopsTheStart() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "gyre.yaml")
        try "port: 1\nmaxmemory: much\n".write(toFile: path, atomically: true, encoding: .utf8)
        let result = try Tool.run(
            [ServerProgram.packageRoot + "/.build/release/gyre", "server", "--config", path])
        #expect(result.status == 78)
        #expect(
            result.errors == """
                gyre: 'maxmemory' (\(path), line 2) is 'much', which CONFIG SET would refuse \
                (argument must be a memory value): mend or remove it.

                """)
    }
}
