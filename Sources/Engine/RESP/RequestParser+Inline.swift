import Base

extension RequestParser {
    /// Reads a line of words: what a person types into telnet.
    @inline(never)
    func parseInline(
        _ input: Bytes, _ offset: inout Int, _ arguments: inout GrowableArray<Bytes>,
        _ scratch: inout OutputBuffer
    ) -> ParseOutcome {
        let start = offset
        var end = start
        while end < input.count, input[end] != 10 { end += 1 }
        if end == input.count {
            return end - start > RequestLimits.inlineLengthMax
                ? .invalid(.inlineTooBig) : .incomplete(total: end - start + 1)
        }
        let lineEnd = end > start && input[end - 1] == 13 ? end - 1 : end
        // A NUL ends the line early, as it does in Redis.
        var textEnd = start
        while textEnd < lineEnd, input[textEnd] != 0 { textEnd += 1 }
        var words = InlineWords(line: input.slice(start, textEnd))
        let countBefore = arguments.count
        // No word is longer than what it was written as, so the views below never move.
        scratch.removeAll()
        unsafe _ = scratch.reserve(lineEnd - start + 1)
        while words.skipSpace() {
            guard words.readWord(into: &scratch) else {
                arguments.removeLast(arguments.count - countBefore)
                return .invalid(.unbalancedQuotes)
            }
            arguments.append(scratch.bytes.slice(words.wordStart, scratch.count))
        }
        offset = end + 1
        return .complete
    }
}

/// Splits a line into words as Redis does: double quotes with escapes, single quotes with \' alone.
private struct InlineWords {
    let line: Bytes
    var index = 0
    /// Where the word read last begins in the scratch buffer.
    var wordStart = 0

    init(line: Bytes) {
        self.line = line
    }

    /// Passes over white space; false at the end of the line.
    mutating func skipSpace() -> Bool {
        while index < line.count, Self.isSpace(line[index]) { index += 1 }
        return index < line.count
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 32 || (byte >= 9 && byte <= 13)
    }

    /// Appends the word at `index` to `scratch`; false where quotes do not match.
    mutating func readWord(into scratch: inout OutputBuffer) -> Bool {
        wordStart = scratch.count
        while index < line.count {
            let byte = line[index]
            switch byte {
            case _ where Self.isSpace(byte): return true
            case UInt8(ascii: "\""):
                index += 1
                if !readDoubleQuoted(into: &scratch) { return false }
                return isWordEnd
            case UInt8(ascii: "'"):
                index += 1
                if !readSingleQuoted(into: &scratch) { return false }
                return isWordEnd
            default:
                scratch.append(byte)
                index += 1
            }
        }
        return true
    }

    /// A closing quote must be followed by white space or nothing.
    private var isWordEnd: Bool {
        index == line.count || Self.isSpace(line[index])
    }

    private mutating func readDoubleQuoted(into scratch: inout OutputBuffer) -> Bool {
        while index < line.count {
            let byte = line[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return true
            }
            if byte == UInt8(ascii: "\\"), index + 1 < line.count {
                readEscape(into: &scratch)
            } else {
                scratch.append(byte)
                index += 1
            }
        }
        return false
    }

    private mutating func readSingleQuoted(into scratch: inout OutputBuffer) -> Bool {
        while index < line.count {
            let byte = line[index]
            if byte == UInt8(ascii: "'") {
                index += 1
                return true
            }
            let isEscapedQuote =
                byte == UInt8(ascii: "\\") && index + 1 < line.count
                && line[index + 1] == UInt8(ascii: "'")
            scratch.append(isEscapedQuote ? UInt8(ascii: "'") : byte)
            index += isEscapedQuote ? 2 : 1
        }
        return false
    }

    /// Reads "\xhh" or one of the letters that stand for a control character.
    private mutating func readEscape(into scratch: inout OutputBuffer) {
        let letter = line[index + 1]
        if letter == UInt8(ascii: "x"), index + 3 < line.count,
            let high = Self.hexadecimal(line[index + 2]),
            let low = Self.hexadecimal(line[index + 3])
        {
            scratch.append(high << 4 | low)
            index += 4
            return
        }
        let byte: UInt8 =
            switch letter {
            case UInt8(ascii: "n"): 10
            case UInt8(ascii: "r"): 13
            case UInt8(ascii: "t"): 9
            case UInt8(ascii: "b"): 8
            case UInt8(ascii: "a"): 7
            default: letter
            }
        scratch.append(byte)
        index += 2
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
