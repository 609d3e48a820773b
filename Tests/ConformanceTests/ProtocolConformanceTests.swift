import TestSupport
import Testing

/// Bytes on the wire that are not plain calls: inline commands, broken framing, replies switched
/// off.
@Suite struct ProtocolConformanceTests {
    private static let long = String(repeating: "x", count: 70_000)

    /// After these the connection goes on.
    static let surviving: [String] = [
        "PING\r\n", "PING\n", "  PING   hello  \r\n", "ping\r\n", "\r\n", "\n", "\r\n\r\nPING\r\n",
        "*0\r\n", "*-1\r\n", "*-10\r\n", "*0\r\nPING\r\n",
        "SET foo \"a\\x41\\n\\\"b\"\r\nGET foo\r\n", "SET foo 'a\\'b\\n'\r\nGET foo\r\n",
        "ECHO \"\"\r\n", "ECHO ''\r\n", "ECHO \"\\t\\a\\b\\z\\x4\\xzz\\\\\"\r\n", "ECHO a\"b\"\r\n",
        "ECHO \"\\xff\\x00\"\r\n", "\"PING\"\r\n", "'ping' \"x y\"\r\n", "\"\"\r\n", "\"\" a b\r\n",
        "nonsense with \"some args\"\r\n", "GET\r\n", "SET a b c d\r\n",
        "*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
        "*2\r\n$4\r\necho\r\n$3\r\n\r\n\n\r\n", "*1\r\n$4\r\nPINGxy",
        "*1\r\n$0\r\n\r\n", "*2\r\n$0\r\n\r\n$1\r\na\r\n",
        "*3\r\n$3\r\nSET\r\n$1\r\n\0\r\n$2\r\n\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\n\0\r\n",
        "CLIENT REPLY OFF\r\nPING\r\nnonsense\r\nCLIENT REPLY ON\r\nPING\r\n",
        "CLIENT REPLY SKIP\r\nPING\r\nECHO 1\r\n",
        "CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nECHO 1\r\n",
        "CLIENT REPLY OFF\r\nCLIENT REPLY SKIP\r\nPING\r\nCLIENT REPLY ON\r\n",
        "CLIENT REPLY OFF\r\nMULTI\r\nSET a 1\r\nEXEC\r\nCLIENT REPLY ON\r\nGET a\r\n",
        "MULTI\r\nCLIENT REPLY OFF\r\nPING\r\nEXEC\r\nCLIENT REPLY ON\r\n",
        "CLIENT REPLY ON\r\nCLIENT REPLY on\r\n", "CLIENT REPLY\r\nCLIENT REPLY ON OFF\r\n",
        "HELLO 3\r\nGET missing\r\nHELLO 2 SETNAME\r\nGET missing\r\nRESET\r\nGET missing\r\n",
        "DEBUG PROTOCOL STRING\r\n", "PING \(String(repeating: "y", count: 20_000))\r\n",
    ]

    /// After these the server says what was wrong and closes.
    static let fatal: [String] = [
        "*abc\r\n", "*\r\n", "*01\r\n", "*+1\r\n", "* 1\r\n", "*1 \r\n", "*2147483648\r\n",
        "*9223372036854775808\r\n", "*1.5\r\n", "*1\r\n:1\r\n", "*1\r\nPING\r\n",
        "*2\r\n$4\r\nECHO\r\n+x\r\n",
        "*1\r\n\r\n", "*1\r\n$-1\r\n", "*1\r\n$abc\r\n", "*1\r\n$\r\n", "*1\r\n$04\r\nPING\r\n",
        "*1\r\n$536870913\r\n", "*1\r\n$9223372036854775808\r\n", "*1\r\n$ 4\r\nPING\r\n",
        "PING\r\n*1\r\n!\r\nPING\r\n", "*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n",
        "SET a \"b\r\n", "SET a 'b\r\n", "SET a \"b\"c\r\n", "SET a 'b'c\r\n", "ECHO \"\\\r\n",
        "PING\r\nECHO \"\r\nPING\r\n", "\(long)", "*\(long)", "*1\r\n$\(long)", "*1\r\n\(long)",
        "GET \(long)", "QUIT\r\nPING\r\n", "*1\r\n$4\r\nQUIT\r\n", "quit now\r\n",
        "MULTI\r\nQUIT\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "Host: localhost\r\n",
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func bytesAreAnsweredTheSame(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for text in Self.surviving {
            try compare(text, on: pair, closes: false)
        }
        for text in Self.fatal {
            try compare(text, on: pair, closes: true)
        }
    }

    @Test func bytesAreAnsweredTheSameBeforeAuthentication() throws {
        let pair = try ServerPair(ServerOptions(password: "secret"))
        let surviving = [
            "PING\r\n", "GET a\r\n", "nonsense\r\n", "AUTH\r\n", "HELLO 3\r\n", "RESET\r\n",
            "*10\r\n" + String(repeating: "$1\r\nx\r\n", count: 10), "AUTH secret\r\nPING\r\n",
        ]
        let fatal = [
            "*11\r\n$3\r\nGET\r\n", "*1\r\n$16385\r\n", "QUIT\r\n",
            "\(Self.long)", "*2\r\n$4\r\nAUTH\r\n$20000\r\n",
        ]
        for text in surviving { try compare(text, on: pair, closes: false, password: "secret") }
        for text in fatal { try compare(text, on: pair, closes: true) }
    }

    private static let nothing = word("(neither an answer nor the end)")

    /// Sends the bytes whole and one by one, and compares everything that comes back.
    private func compare(
        _ text: String, on pair: ServerPair, closes: Bool, password: String? = nil
    ) throws {
        let bytes = Array(text.utf8)
        for size in bytes.count > 500 ? [bytes.count] : [bytes.count, 1] {
            let replies = try [pair.reference, pair.subject].map { server in
                try answer(server, bytes, chunk: size, closes: closes, password: password)
            }
            #expect(replies[0] != Self.nothing, "the reference waits after \(quoted(bytes))")
            let areEqual = replies[0] == replies[1]
            #expect(
                areEqual,
                """
                sent \(quoted(bytes)), \(size) bytes at a time
                reference: \(quoted(replies[0], limit: 1_000))
                subject:   \(quoted(replies[1], limit: 1_000))
                """)
        }
    }

    private func answer(
        _ server: ServerProcess, _ bytes: [UInt8], chunk: Int, closes: Bool, password: String?
    ) throws -> [UInt8] {
        let connection = try server.connect(timeoutSeconds: 5)
        let sentinel = word("that was all")
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                try connection.send(Array(rest.prefix(chunk)))
                rest = rest.dropFirst(chunk)
            }
            if closes { return try connection.receiveUntilClosed() }
            if let password { try connection.send(Call("AUTH", password).encoded) }
            try connection.send(Call([word("ECHO"), sentinel]).encoded)
            return withoutConnectionIDs(
                try connection.receive(until: word("$\(sentinel.count)\r\n") + sentinel + [13, 10]))
        } catch ConnectionError.closed {
            return try connection.receiveUntilClosed() + (closes ? [] : word("(closed)"))
        } catch ConnectionError.timedOut {
            return Self.nothing
        }
    }

    /// HELLO names the server, its version and the connection: no two servers agree on these.
    private func withoutConnectionIDs(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("proto") else { return bytes }
        return word(
            text.replacing(/server\r\n\$\d+\r\n\w+/, with: "server")
                .replacing(/version\r\n\$\d+\r\n[\w.]+/, with: "version")
                .replacing(/id\r\n:\d+/, with: "id"))
    }
}
