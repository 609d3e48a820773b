/// The rule about the length of functions.
enum FunctionRules {
    static let linesMax = 70

    /// Counts from the line of `func`, `init`, `deinit` or `subscript` to that of the closing
    /// brace.
    static func checkLength(_ file: SourceText) -> [Violation] {
        guard file.isSwift else { return [] }
        return file.code.indices.compactMap { index in
            guard declaresFunction(file.code[index]) else { return nil }
            guard let end = findEnd(from: index, in: file.code) else { return nil }
            let count = end - index + 1
            guard count > linesMax else { return nil }
            return Violation(
                path: file.path, line: index + 1,
                rule: "function-length: \(count) lines, at most \(linesMax)")
        }
    }

    private static func declaresFunction(_ line: String) -> Bool {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard let place = words.firstIndex(where: { isKeyword($0) }) else { return false }
        return words[..<place].allSatisfy { isModifier($0) }
            && !line.drop(while: \.isWhitespace).hasPrefix(".")
    }

    private static func isKeyword(_ word: Substring) -> Bool {
        ["func", "init", "deinit", "subscript"].contains(word)
    }

    /// What may stand before the keyword on its line; a call such as `self.init` has other words.
    private static func isModifier(_ word: Substring) -> Bool {
        [
            "public", "package", "internal", "private", "fileprivate", "open", "static", "class",
            "final", "override", "mutating", "consuming", "borrowing", "nonmutating", "prefix",
            "postfix", "infix", "required", "convenience", "inlinable", "inline", "__always",
            "never", "usableFromInline", "discardableResult", "Test", "safe", "unsafe",
            "Sendable", "MainActor", "nonisolated", "isolated", "lifetime", "_lifetime", "borrow",
            "copy",
        ].contains(word)
    }

    /// The line on which the body that begins at or after `start` is closed; nil for a requirement
    /// of a protocol, which has none.
    private static func findEnd(from start: Int, in code: [String]) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{": braces += 1
                case "}":
                    braces -= 1
                    if braces == 0, parentheses == 0 { return index }
                    if braces < 0 { return nil }
                default: break
                }
            }
            let isBlank = code[index].allSatisfy(\.isWhitespace)
            if braces == 0, parentheses == 0, isBlank { return nil }
        }
        return nil
    }
}
