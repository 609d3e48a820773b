import Base
import Testing

@testable import Engine

struct GlobPatternTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        var pattern = pattern
        var text = text
        return pattern.withUTF8 { pattern in
            text.withUTF8 { text in
                unsafe GlobPattern(Bytes(UnsafeRawBufferPointer(pattern)))
                    .matches(Bytes(UnsafeRawBufferPointer(text)))
            }
        }
    }

    @Test(arguments: [
        ("*", ""), ("*", "abc"), ("", ""), ("a*", "a"), ("a**", "a"), ("*a", "ba"), ("a?c", "abc"),
        ("h[ae]llo", "hallo"), ("h[^e]llo", "hallo"), ("h[a-c]llo", "hbllo"), ("[c-a]", "b"),
        ("a\\*", "a*"), ("a\\", "a\\"), ("[\\]]", "]"), ("[abc", "c"), ("[^", "x"),
        ("*b*d", "abcd"),
        ("*a*b*c*", "xxaxxbxxcxx"), ("[a-]", "a"), ("[a-]", "]"), ("*[0-9]", "key7"),
    ])
    func matchesAsInRedis(pattern: String, text: String) {
        #expect(matches(pattern, text))
    }

    @Test(arguments: [
        ("**", ""), ("", "a"), ("a?", "a"), ("A", "a"), ("h[^a]llo", "hallo"), ("a\\*", "ab"),
        ("*a", "ab"), ("[", "["), ("*b*d", "abdc"), ("a*?", "a"), ("[a-c]", "d"), ("[a-]", "-"),
    ])
    func refusesAsInRedis(pattern: String, text: String) {
        #expect(!matches(pattern, text))
    }

    /// Exponential backtracking would not end within a lifetime here.
    @Test func manyStarsTakePolynomialTime() {
        let pattern = String(repeating: "a*", count: 200) + "b"
        #expect(!matches(pattern, String(repeating: "a", count: 2_000)))
    }
}
