/// Rules about comments.
enum CommentRules {
    /// Every public declaration says what it is, but for those whose meaning a protocol fixes.
    static func checkDocumentation(_ file: SourceText) -> [Violation] {
        guard file.isSwift, file.module != nil else { return [] }
        return file.code.indices.compactMap { index in
            guard let name = findPublicDeclaration(file.code[index]) else { return nil }
            guard !fixedNames.contains(name), !isDocumented(index, in: file) else { return nil }
            return Violation(
                path: file.path, line: index + 1,
                rule: "documentation: public \(name) has no documentation comment")
        }
    }

    /// A line of a comment that would compile if the slashes went. Documentation comments may show
    /// code.
    static func checkCommentedCode(_ file: SourceText) -> [Violation] {
        guard file.isSwift else { return [] }
        return file.comments.enumerated().compactMap { index, line in
            let text = line.drop(while: \.isWhitespace)
            guard text.hasPrefix("//"), !text.hasPrefix("///") else { return nil }
            guard looksLikeCode(text.drop { $0 == "/" || $0 == " " }) else { return nil }
            return Violation(
                path: file.path, line: index + 1, rule: "commented-code: delete it; git remembers")
        }
    }

    /// Names whose meaning the standard library fixes: its documentation says it all.
    private static let fixedNames: Set<String> = [
        "==", "<", "hash", "description", "debugDescription", "next", "rawValue", "startIndex",
        "endIndex", "id", "deinit", "isEmpty", "count", "capacity", "contains", "append",
        "removeLast", "removeAll", "popLast", "subscript",
    ]

    private static let keywords: Set<String> = [
        "func", "var", "let", "struct", "class", "enum", "protocol", "init", "subscript",
        "typealias", "actor", "extension", "case",
    ]

    private static func findPublicDeclaration(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let access = words.firstIndex(where: { $0 == "public" || $0 == "open" }) else {
            return nil
        }
        guard words[..<access].allSatisfy({ $0.hasPrefix("@") }) else { return nil }
        for (index, word) in words.enumerated().dropFirst(access + 1) {
            let stem = String(word.prefix { $0.isLetter })
            if stem == "init" || stem == "subscript" { return stem }
            guard keywords.contains(word), index + 1 < words.count else { continue }
            guard word != "extension" else { return nil }
            let name = words[index + 1].prefix { !"(:<{=".contains($0) }
            return name.isEmpty ? String(words[index + 1].prefix { $0 != "(" }) : String(name)
        }
        return nil
    }

    /// Attributes may stand between the comment and the declaration.
    private static func isDocumented(_ index: Int, in file: SourceText) -> Bool {
        var above = index - 1
        while above >= 0 {
            let comment = file.comments[above].drop(while: \.isWhitespace)
            if comment.hasPrefix("///") { return true }
            let code = file.code[above].drop(while: \.isWhitespace)
            guard code.hasPrefix("@") || (code.isEmpty && comment.hasPrefix("//")) else {
                return false
            }
            above -= 1
        }
        return false
    }

    private static func looksLikeCode(_ text: Substring) -> Bool {
        let trimmed = text.trimmingSuffix(while: \.isWhitespace)
        let starts = [
            "let ", "var ", "func ", "return ", "if let ", "guard ", "import ", "try ", "} else",
            "self.", "print(", "#expect(",
        ]
        guard starts.contains(where: { trimmed.hasPrefix($0) }) else {
            return trimmed == "}" || trimmed.hasSuffix(") {")
        }
        let marks = ["(", "=", "{", "}", "return nil", "return true", "return false"]
        return marks.contains { trimmed.contains($0) } || trimmed.hasPrefix("import ")
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}
