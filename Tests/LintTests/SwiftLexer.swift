/// Tells the code of a Swift file from its comments and string literals, without parsing more than
/// that needs: every byte keeps its line and column, and what does not belong becomes a blank.
///
/// Regular-expression literals are not known to it; the project has none.
struct SwiftLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var code: [UInt8]
    private var comments: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
        let blank = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        code = blank
        comments = blank
    }

    /// The code and the comments, each as long as the file.
    mutating func separate() -> (code: String, comments: String) {
        readCode(untilParenthesis: false)
        return (String(decoding: code, as: UTF8.self), String(decoding: comments, as: UTF8.self))
    }

    /// Reads code to the end of the file, or to the parenthesis that closes an interpolation.
    private mutating func readCode(untilParenthesis isInterpolation: Bool) {
        var depth = 0
        while position < bytes.count {
            if starts("//") {
                readLineComment()
            } else if starts("/*") {
                readBlockComment()
            } else if let hashes = findStringStart() {
                readString(hashes: hashes)
            } else {
                let byte = bytes[position]
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    depth -= 1
                    if isInterpolation, depth < 0 { return }
                }
                code[position] = byte
                position += 1
            }
        }
    }

    private mutating func readLineComment() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { keepComment() }
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                keepComment()
            } else if starts("*/") {
                depth -= 1
                keepComment()
            }
            if position < bytes.count { keepComment() }
        } while depth > 0 && position < bytes.count
    }

    /// Reads a literal with the quotes kept as code, so that it still counts as an expression.
    private mutating func readString(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        position += hashes
        let quote = starts("\"\"\"") ? "\"\"\"" : "\""
        keepCode(count: quote.utf8.count)
        while position < bytes.count {
            if starts("\\" + fence + "(") {
                position += hashes + 2
                readCode(untilParenthesis: true)
                position += 1
            } else if starts("\\" + fence) {
                position += hashes + 2
            } else if starts(quote + fence) {
                keepCode(count: quote.utf8.count)
                position += hashes
                return
            } else {
                position += 1
            }
        }
    }

    /// How many `#` stand before the quote of a literal that starts here, or nil.
    private func findStringStart() -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - position
    }

    private func starts(_ prefix: String) -> Bool {
        bytes[position...].starts(with: prefix.utf8)
    }

    private mutating func keepCode(count: Int) {
        for _ in 0..<count where position < bytes.count {
            code[position] = bytes[position]
            position += 1
        }
    }

    private mutating func keepComment() {
        comments[position] = bytes[position]
        position += 1
    }
}
