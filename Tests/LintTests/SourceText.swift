/// A file as the rules see it: whole, and for Swift also with comments and code told apart.
struct SourceText {
    /// The path from the top of the project, with `/` between its parts.
    let path: String
    /// The text as it stands in the file.
    let lines: [String]
    /// The lines with comments and the contents of string literals blanked out; empty lines for a
    /// file that is not Swift.
    let code: [String]
    /// The lines with everything but comments blanked out.
    let comments: [String]

    init(path: String, text: String) {
        self.path = path
        lines = Self.split(text)
        guard path.hasSuffix(".swift") else {
            code = lines.map { _ in "" }
            comments = code
            return
        }
        var lexer = SwiftLexer(text)
        let parts = lexer.separate()
        code = Self.split(parts.code)
        comments = Self.split(parts.comments)
    }

    /// The parts of the path: `["Sources", "Base", "Bytes.swift"]`.
    var components: [String] { path.split(separator: "/").map(String.init) }

    /// The module that a file below `Sources` belongs to, or nil.
    var module: String? {
        components.count > 2 && components[0] == "Sources" ? components[1] : nil
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// A place where a rule is broken.
struct Violation: CustomStringConvertible, Equatable {
    let path: String
    /// Counted from 1.
    let line: Int
    /// The rule's name and what it asks for.
    let rule: String

    var description: String { "\(path):\(line): \(rule)" }
}
