import Settings
import Testing

@testable import gyre

/// Whatever is changed in a file, YAML reads back what was meant, and nothing else has changed.
@Suite struct SettingsEditTests {
    private static let values = [
        "500", "", "yes", "null", "~", "it's", "a: b", " edge ", "# no comment", "x # y", "\"q\"",
        "[a, b]", "{a}", "- x", "--", "...", "---", "a\nb", "tab\there", "\u{1}", "ü", "1e3",
        "0x1F", "'", "''", "a,b", "!tag", "&anchor", "*alias", "%x", "@x", "`x`", "|", ">",
        "?", "a b c",
    ]

    private static let pieces = [
        "# comment\n", "\n", "port: 1\n", "host: [127.0.0.1, '::1'] # two\n",
        "cpus:\n  - 0\n  # one\n  - 2-5\n", "requirepass: 'it''s # x' # secret\n",
        "\"node-port\": 2\n", "loglevel: notice   \n", "maxmemory: \"a\\\"b # c\" # d\n",
        "save:\n- 1\n- 2\n", "dbfilename: >\n  folded\n  text\n", "bind: plain\n  goes on\n",
        "cores:\n", "timeout: it's plain # yes\n",
    ]

    private func pairs(_ text: String) throws -> [String: String] {
        let pairs = try SettingsFile.parse(text, path: "gyre.yaml")
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.text) })
    }

    private func comments(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix("#") }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var random = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        for _ in 0..<25 {
            let count = Int.random(in: 0...9, using: &random)
            let old = Self.pieces.shuffled(using: &random).prefix(count).joined()
            var expected = try pairs(old)
            var text = SettingsFileText(old)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let known = Array(expected.keys).sorted() + ["appendonly", "hz"]
                let key = known.randomElement(using: &random) ?? "hz"
                if Bool.random(using: &random), Bool.random(using: &random) {
                    text.remove(key)
                    expected[key] = nil
                } else {
                    let value = Self.values.randomElement(using: &random) ?? ""
                    text.set(key, to: value)
                    expected[key] = value
                }
            }
            #expect(try pairs(text.text) == expected, "\(old)\nbecame\n\(text.text)")
            for comment in comments(old) { #expect(text.text.contains(comment)) }
        }
    }
}

/// Numbers that only depend on the seed.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
