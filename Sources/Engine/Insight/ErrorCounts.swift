import Base

/// How often each kind of error was answered; the kind is an error's first word ("WRONGTYPE").
///
/// Kinds come from our own texts, so they are few; a script may send others, and beyond
/// ``kindCountMax`` those are counted together.
package struct ErrorCounts: ~Copyable {
    /// A kind's name, up to 32 bytes.
    package struct Kind: BitwiseCopyable {
        fileprivate var words: InlineArray<4, UInt64> = [0, 0, 0, 0]
        fileprivate var length = 0
        package fileprivate(set) var count = 0

        package var name: String {
            var bytes = OutputBuffer(capacity: 32)
            for index in 0..<length {
                let word = words[index / 8] >> UInt64(index % 8 * 8)
                bytes.append(UInt8(truncatingIfNeeded: word))
            }
            return bytes.bytes.string
        }
    }

    private var kinds = GrowableArray<Kind>(capacity: 8)

    /// More kinds than Redis's documentation lists.
    static var kindCountMax: Int { 64 }
    private static var nameLengthMax: Int { 32 }

    /// How many kinds there are.
    package var kindCount: Int { kinds.count }

    package subscript(place: Int) -> Kind { kinds[place] }

    /// Counts the error line that was appended to `buffer` from `start` on, with its "-".
    mutating func add(_ buffer: borrowing OutputBuffer, from start: Int) {
        let text = buffer.bytes.slice(min(start + 1, buffer.count), buffer.count)
        add(Self.name(in: text))
    }

    /// The first word; "ERR" where the text has none that is short enough.
    private static func name(in text: Bytes) -> Bytes {
        for index in 0..<min(text.count, nameLengthMax) {
            if text[index] == UInt8(ascii: " ") { return text.slice(0, index) }
        }
        return Bytes("ERR")
    }

    private mutating func add(_ name: Bytes) {
        var kind = Kind()
        kind.length = name.count
        for index in 0..<name.count {
            kind.words[index / 8] |= UInt64(name[index]) << UInt64(index % 8 * 8)
        }
        for place in 0..<kinds.count where kinds[place].hasName(of: kind) {
            kinds[place].count += 1
            return
        }
        if kinds.count >= Self.kindCountMax, !(name == Bytes("OTHER")) {
            add(Bytes("OTHER"))
            return
        }
        kind.count = 1
        kinds.append(kind)
    }

    mutating func removeAll() {
        kinds.removeAll()
    }
}

extension ErrorCounts.Kind {
    fileprivate func hasName(of other: Self) -> Bool {
        if length != other.length { return false }
        return words[0] == other.words[0] && words[1] == other.words[1]
            && words[2] == other.words[2] && words[3] == other.words[3]
    }
}
