import Base

/// A pattern of KEYS, SCAN and PSUBSCRIBE: `*` any run of bytes, `?` any byte, `[abc]`, `[a-z]` and
/// `[^a]` one byte of a set, `\` takes the next byte as it is. Case counts. Meaning, and odd cases,
/// as in Redis.
///
/// Only the last `*` met is ever tried again, which is enough since all else matches exactly one
/// byte: the time is at most the product of the two lengths, never exponential.
package struct GlobPattern {
    private let pattern: Bytes

    /// - Parameter pattern: lives as long as this value is used.
    package init(_ pattern: Bytes) {
        self.pattern = pattern
    }

    /// Whether every key matches: `*`.
    package var matchesAll: Bool {
        pattern.count == 1 && pattern[0] == UInt8(ascii: "*")
    }

    package func matches(_ text: Bytes) -> Bool {
        if matchesAll { return true }
        // An empty text is matched by the empty pattern alone, not even by "**".
        if text.isEmpty { return pattern.isEmpty }
        var index = 0
        var at = 0
        var star: (index: Int, at: Int)?
        while at < text.count {
            if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
                while index < pattern.count, pattern[index] == UInt8(ascii: "*") { index += 1 }
                if index == pattern.count { return true }
                star = (index, at)
                continue
            }
            var next = index
            if index < pattern.count, matchesOne(text[at], &next) {
                index = next
                at += 1
                continue
            }
            guard let last = star else { return false }
            index = last.index
            at = last.at + 1
            star = (index, at)
        }
        while index < pattern.count, pattern[index] == UInt8(ascii: "*") { index += 1 }
        return index == pattern.count
    }

    /// Whether the pattern's element at `index` matches `byte`; if so, `index` moves behind it.
    private func matchesOne(_ byte: UInt8, _ index: inout Int) -> Bool {
        switch pattern[index] {
        case UInt8(ascii: "?"):
            index += 1
            return true
        case UInt8(ascii: "["):
            index += 1
            return matchesSet(byte, &index)
        case UInt8(ascii: "\\") where index + 1 < pattern.count:
            index += 1
        default: break
        }
        defer { index += 1 }
        return pattern[index] == byte
    }

    /// Reads a set behind its bracket. One that is not closed ends with the pattern.
    private func matchesSet(_ byte: UInt8, _ index: inout Int) -> Bool {
        let isNegated = index < pattern.count && pattern[index] == UInt8(ascii: "^")
        if isNegated { index += 1 }
        var isMember = false
        while index < pattern.count {
            let first = pattern[index]
            let left = pattern.count - index
            if first == UInt8(ascii: "\\"), left >= 2 {
                if pattern[index + 1] == byte { isMember = true }
                index += 2
            } else if first == UInt8(ascii: "]") {
                index += 1
                return isMember != isNegated
            } else if left >= 3, pattern[index + 1] == UInt8(ascii: "-") {
                let last = pattern[index + 2]
                if byte >= min(first, last), byte <= max(first, last) { isMember = true }
                index += 3
            } else {
                if first == byte { isMember = true }
                index += 1
            }
        }
        return isMember != isNegated
    }
}
