import Base

/// What SORT's BY and GET name for an element: the element itself, or what a key holds into whose
/// name the element is put.
struct SortPattern: BitwiseCopyable {
    private enum Kind: UInt8 {
        /// "#"
        case element
        /// No `*`: there is nothing, whatever the element.
        case nothing
        /// The string at a key.
        case string
        /// A field of the hash at a key: "…->field".
        case field
    }

    private var kind: Kind
    /// What stands before and behind the `*`; without the field.
    private(set) var prefix = Bytes()
    private(set) var suffix = Bytes()
    private var fieldName = Bytes()

    /// - Parameter word: lives as long as this value is used. As in Redis a zero byte hides what
    ///   follows it from the search for `*` and `->`.
    init(_ word: Bytes) {
        let end = word.firstIndex(of: 0) ?? word.count
        if end == 1, word[0] == UInt8(ascii: "#") {
            kind = .element
            return
        }
        guard let star = word.firstIndex(of: UInt8(ascii: "*")), star < end else {
            kind = .nothing
            return
        }
        prefix = word.slice(0, star)
        if let arrow = Self.arrow(in: word, from: star + 1, to: end) {
            kind = .field
            suffix = word.slice(star + 1, arrow)
            fieldName = word.slice(arrow + 2, word.count)
        } else {
            kind = .string
            suffix = word.slice(star + 1, word.count)
        }
    }

    /// Where the first "->" begins that something follows.
    private static func arrow(in word: Bytes, from start: Int, to end: Int) -> Int? {
        var index = start
        while index + 1 < end {
            if word[index] == UInt8(ascii: "-"), word[index + 1] == UInt8(ascii: ">") {
                return index + 2 < end ? index : nil
            }
            index += 1
        }
        return nil
    }

    /// The pattern stands for the element.
    var isElement: Bool { kind == .element }

    /// The pattern names keys.
    var namesKeys: Bool { kind == .string || kind == .field }

    /// The field that is read of a hash; nil where a string is read.
    var field: Bytes? { kind == .field ? fieldName : nil }

    /// Makes `name` the key's name for an element.
    func write(_ element: PackElement, into name: inout OutputBuffer) {
        name.removeAll()
        name.append(prefix)
        element.withBytes { name.append($0) }
        name.append(suffix)
    }
}

extension Bytes {
    /// Where `byte` stands first.
    fileprivate func firstIndex(of byte: UInt8) -> Int? {
        for index in 0..<count where self[index] == byte { return index }
        return nil
    }
}
