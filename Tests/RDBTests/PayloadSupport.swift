import Base
import RDB
import TestSupport

/// An element as a test compares it.
enum Element: Hashable, Comparable {
    case text([UInt8])
    case score(Double)

    init(_ element: PayloadElement) {
        switch element {
        case .bytes(let bytes): self = .text(unsafe [UInt8](bytes.buffer))
        case .integer(let integer): self = .text(Array(String(integer).utf8))
        case .score(let score): self = .score(score)
        }
    }

    init(_ text: String) {
        self = .text(Array(text.utf8))
    }

    static func < (left: Element, right: Element) -> Bool {
        switch (left, right) {
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        case (.score(let left), .score(let right)): left < right
        case (.text, .score): true
        case (.score, .text): false
        }
    }
}

/// A whole value.
struct Value: Equatable {
    var type: PayloadType
    var elements: [Element]

    /// The same for every order of members or fields, where the type has none.
    var ordered: Value {
        switch type {
        case .string, .list: return self
        case .set: return Value(type: type, elements: elements.sorted())
        case .sortedSet, .hash:
            let pairs = stride(from: 0, to: elements.count, by: 2).map { elements[$0...$0 + 1] }
            let sorted = pairs.sorted { $0.first! < $1.first! }
            return Value(type: type, elements: sorted.flatMap { $0 })
        }
    }
}

func read(_ payload: [UInt8]) throws(PayloadError) -> Value {
    try withBytes(payload) { (bytes) throws(PayloadError) in
        var reader = try PayloadReader(payload: bytes, CRC64())
        return try read(&reader)
    }
}

/// Reads a value behind its type's byte, without version and checksum.
func read(type: UInt8, _ value: [UInt8]) throws(PayloadError) -> Value {
    try withBytes(value) { (bytes) throws(PayloadError) in
        var reader = try PayloadReader(type: type, value: bytes)
        return try read(&reader)
    }
}

private func read(_ reader: inout PayloadReader) throws(PayloadError) -> Value {
    var elements: [Element] = []
    while let element = try reader.next() { elements.append(Element(element)) }
    if reader.remaining > 0 { throw .badFormat }
    return Value(type: reader.type, elements: elements)
}

func payload(_ value: Value, version: UInt16 = 10) -> [UInt8] {
    var output = OutputBuffer()
    let writer = PayloadWriter(version: version)
    let isPaired = value.type == .hash || value.type == .sortedSet
    writer.begin(value.type, count: value.elements.count / (isPaired ? 2 : 1), &output)
    for element in value.elements {
        switch element {
        case .score(let score): writer.append(.score(score), &output)
        case .text(let text):
            // As an engine does that holds integers as such.
            let string = String(decoding: text, as: UTF8.self)
            if let integer = Int64(string), String(integer) == string {
                writer.append(.integer(integer), &output)
            } else {
                withBytes(text) { writer.append(.bytes($0), &output) }
            }
        }
    }
    writer.end(CRC64(), &output)
    return unsafe [UInt8](output.bytes.buffer)
}
