// The text of a configuration file while single values of it are changed.
//
// What nobody changes stays byte for byte: comments, blank lines, order, spelling. So the text is
// not parsed and printed again; it is divided into lines, and the lines of one key are found by the
// rule that a mapping's keys begin at the left edge and what belongs to a value does not, but for
// the items of a list.

/// A YAML mapping from names to scalars or lists of scalars, as text that can be edited.
public struct SettingsFileText {
    private var lines: [Substring]
    /// Lines end in a carriage return as well.
    private let hasCarriageReturns: Bool

    /// - Parameter text: a file that was read as settings, so its form is known to be sound.
    public init(_ text: String) {
        hasCarriageReturns = text.utf8.contains(UInt8(ascii: "\r"))
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        if lines.last?.isEmpty == true { lines.removeLast() }
    }

    /// The whole text, its last line ended.
    public var text: String {
        let end = hasCarriageReturns ? "\r\n" : "\n"
        return lines.isEmpty ? "" : lines.joined(separator: end) + end
    }

    /// Gives a key a value, where it stands or else on a new last line. A comment behind the old
    /// value stays.
    public mutating func set(_ key: String, to value: String) {
        let line = "\(key): \(Self.quoted(value))"
        guard let range = find(key) else {
            lines.insert(Substring(line), at: endOfDocument)
            return
        }
        let comment = Self.comment(in: lines[range.lowerBound])
        replace(range, by: comment.isEmpty ? line : "\(line) \(comment)")
    }

    /// Takes a key and its value out; comments in between stay.
    public mutating func remove(_ key: String) {
        if let range = find(key) { replace(range, by: nil) }
    }

    // MARK: Lines

    /// Puts a line where a key's lines are; whole lines of comment among them follow it.
    private mutating func replace(_ range: Range<Int>, by line: String?) {
        let comments = lines[range].dropFirst().filter { Self.isComment($0) }
        if let line {
            lines.replaceSubrange(range, with: [Substring(line)] + comments)
            return
        }
        lines.replaceSubrange(range, with: comments)
        // Indented, they could become a part of the text of the value above.
        var place = range.lowerBound
        while place < lines.count, Self.isBlank(lines[place]) || Self.isComment(lines[place]) {
            lines[place] = lines[place].drop(while: \.isWhitespace)
            place += 1
        }
    }

    /// The lines from a key to the last one of its value.
    private func find(_ key: String) -> Range<Int>? {
        guard let first = lines.firstIndex(where: { Self.key(of: $0) == key }) else { return nil }
        var end = first + 1
        var next = end
        while next < lines.count, !Self.endsValue(lines[next]) {
            next += 1
            if !Self.isBlank(lines[next - 1]), !Self.isComment(lines[next - 1]) { end = next }
        }
        return first..<end
    }

    /// Where a new line goes: before what ends the document, if anything does.
    private var endOfDocument: Int {
        lines.firstIndex { $0.hasPrefix("...") } ?? lines.count
    }

    /// Whether the line is certainly not of the value that began above it.
    private static func endsValue(_ line: Substring) -> Bool {
        guard let first = line.first else { return false }
        if first.isWhitespace || first == "#" { return false }
        return first != "-" || line.hasPrefix("---")
    }

    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

    private static func isComment(_ line: Substring) -> Bool {
        line.first { !$0.isWhitespace } == "#"
    }

    /// The key that begins on the line, without quotes.
    private static func key(of line: Substring) -> String? {
        guard let first = line.first, !first.isWhitespace, first != "#" else { return nil }
        let isQuoted = first == "'" || first == "\""
        let body = isQuoted ? line.dropFirst() : line
        guard let end = body.firstIndex(where: { $0 == (isQuoted ? first : ":") }) else {
            return nil
        }
        let rest = isQuoted ? body[body.index(after: end)...] : body[end...]
        guard rest.drop(while: \.isWhitespace).first == ":" else { return nil }
        let key = body[..<end]
        return String(isQuoted ? key : Substring(key.trimmingSuffix(while: \.isWhitespace)))
    }

    /// The comment at the end of a line, from its "#" on; empty without one.
    private static func comment(in line: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        var isEscaped = false
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\", open == "\"" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
            } else if character == "#", previous.isWhitespace {
                return line[index...]
            } else if character == "'" || character == "\"" {
                // Two apostrophes in a row are one inside of the scalar, which goes on.
                if beginsScalar(after: previous) || previous == character { quote = character }
            }
            previous = character
        }
        return ""
    }

    /// Whether a quote behind that character opens a scalar; elsewhere it is a part of one.
    private static func beginsScalar(after character: Character) -> Bool {
        character.isWhitespace || character == "[" || character == "," || character == ":"
    }

    // MARK: Values

    /// The value as YAML reads it back: plain where that is unmistakable, else in quotes.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "/"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: " "):
                true
            default: false
            }
        }
        let isEdged = value.hasPrefix(" ") || value.hasSuffix(" ") || value.hasPrefix("-")
        let hasMeaning = value.isEmpty || value.lowercased() == "null" || value.hasPrefix("...")
        if isPlain, !isEdged, !hasMeaning { return value }
        // A negative number is plain as well.
        if value.count > 1, Int(value) != nil { return value }
        if value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) {
            return "'" + value.replacing("'", with: "''") + "'"
        }
        return "\"" + value.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            if scalar.value >= 0x20, scalar.value != 0x7F { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}
