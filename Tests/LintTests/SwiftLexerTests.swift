import Testing

/// Telling code from comments and literals, which every other rule relies on.
@Suite struct SwiftLexerTests {
    private func code(_ text: String) -> String {
        var lexer = SwiftLexer(text)
        return lexer.separate().code
    }

    @Test func commentsAreBlank() {
        #expect(code("a // b\nc") == "a     \nc")
        #expect(code("a /* b /* c */ d */ e") == "a                   e")
    }

    @Test func literalsKeepOnlyTheirQuotes() {
        #expect(code(#"a("b//c\"d")"#) == #"a("       ")"#)
        #expect(code("\"\"\"\n{\n\"\"\" }") == "\"\"\"\n \n\"\"\" }")
        #expect(code("#\"\\(a)\"# b") == " \"    \"  b")
    }

    @Test func interpolationIsCode() {
        #expect(code(#""x\(f("y", (1)))z" + a"#) == #""   f(" ", (1))  " + a"#)
    }
}
