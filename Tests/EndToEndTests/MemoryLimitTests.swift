import TestSupport
import Testing

/// What a process has in memory, with and without keys.
@Suite struct MemoryLimitTests {
    private static let mebibyte = 1 << 20

    /// Most of the code that starting needed is unmapped, so a small limit is left to the keys.
    @Test func aNodeWithoutKeysIsSmall() throws {
        let server = try ServerProcess(.subject)
        let isSmall = Deadline.wait(seconds: 5) { server.residentBytes < 20 * Self.mebibyte }
        #expect(isSmall, "\(server.residentBytes) bytes are resident")
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func residentMemoryStaysWithinATenthOfTheLimit(cores: Int) throws {
        let limit = 100 * Self.mebibyte
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let client = try RespConnection(port: server.port)
        for (name, value) in [("maxmemory", "\(limit)"), ("maxmemory-policy", "allkeys-lru")] {
            #expect(try client.call("CONFIG", "SET", name, value).text == "OK")
        }
        // Each size after the first finds memory full of holes of another.
        for size in [100, 700, 180] {
            let result = try Tool.run([
                "redis-benchmark", "-p", "\(server.port)", "-t", "set", "-d", "\(size)", "-r",
                "1000000000", "-n", "\(130 * Self.mebibyte / size)", "-P", "64", "-q",
            ])
            #expect(result.status == 0, "\(result.errors)")
            #expect(server.residentBytes < limit + limit / 10, "values of \(size) bytes")
        }
    }
}
