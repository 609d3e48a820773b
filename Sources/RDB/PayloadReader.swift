// A value in Redis's own format, read element by element: what RESTORE takes, and what stands
// behind a key in an RDB file.
//
// The format as observed in what redis-server 2.8 to 7.2 writes: docs/internals/rdb.md. Nothing is
// trusted: every length is checked against what is left, nothing is reserved for a count that is
// only claimed, and compressed strings cannot grow beyond what their bytes can hold.

import Base

/// What a value is.
public enum PayloadType: Sendable, BitwiseCopyable {
    /// One element.
    case string
    /// Elements from the left.
    case list
    /// Members; whether they are distinct is the reader's to check.
    case set
    /// Members and scores in turn.
    case sortedSet
    /// Fields and values in turn.
    case hash

    /// What a type's byte in a payload or a file stands for; nil of what this store does not have.
    public init?(byte: UInt8) {
        switch byte {
        case 0: self = .string
        case 1, 10, 14, 18: self = .list
        case 2, 11, 20: self = .set
        case 3, 5, 12, 17: self = .sortedSet
        case 4, 13, 16: self = .hash
        default: return nil
        }
    }
}

/// A type that a payload or a file may have and this store has not.
public enum ForeignType: Sendable, BitwiseCopyable {
    case stream
    /// A module's own type.
    case module
    /// A type that redis-server before 2.6 wrote, or none that is known.
    case other

    /// What a type's byte stands for that ``PayloadType/init(byte:)`` does not know.
    public init(byte: UInt8) {
        switch byte {
        case 15, 19, 21: self = .stream
        case 6, 7: self = .module
        default: self = .other
        }
    }
}

/// A value being read; see the essay above.
public struct PayloadReader: ~Copyable {
    /// How the elements are held.
    private enum Form {
        /// So many more strings.
        case strings(UInt64)
        /// So many more members, each with a score in text or in eight bytes.
        case scored(UInt64, isText: Bool)
        /// So many more nodes of a list.
        case nodes(UInt64, areZiplists: Bool)
    }

    /// A packed form inside of the value.
    private enum Packed {
        case none
        case listpack(ListpackReader)
        case ziplist(ZiplistReader)
        case integers(IntegerSetReader)
    }

    /// What the value is.
    public private(set) var type: PayloadType
    private var reader: ByteReader
    private var form = Form.strings(0)
    private var packed = Packed.none
    /// Whether the elements of the packed form at odd places are scores.
    private var hasPackedScores = false
    private var isAtScore = false
    /// What was decompressed: a packed form, and one element.
    private var packedScratch = OutputBuffer()
    private var scratch = OutputBuffer()

    /// The versions of RDB that are read.
    public static let versions: ClosedRange<UInt16> = 1...11

    /// Checks and opens what DUMP gave: type, value, version (2 bytes), checksum (8).
    public init(payload: Bytes, _ crc: borrowing CRC64) throws(PayloadError) {
        var check = try PayloadCheck(payload)
        _ = try check.step(crc, byteCount: payload.count)
        try self.init(payload: check)
    }

    /// Opens a payload that has been checked to its end.
    public init(payload check: PayloadCheck) throws(PayloadError) {
        invariant(check.isDone, "a payload is checked before it is opened")
        let payload = check.payload
        // Not even a type.
        if payload.count == PayloadCheck.trailerSize { throw .badFormat }
        let value = payload.slice(1, payload.count - PayloadCheck.trailerSize)
        try self.init(type: payload[0], value: value)
    }

    /// Opens the value behind a type's byte. It may reach further than the value does:
    /// ``consumed`` tells its length once all is read.
    public init(type byte: UInt8, value: Bytes) throws(PayloadError) {
        reader = ByteReader(value)
        type = .string
        guard let known = PayloadType(byte: byte) else { throw .unsupportedType(byte) }
        type = known
        hasPackedScores = byte == 12 || byte == 17
        try open(byte)
    }

    private mutating func open(_ byte: UInt8) throws(PayloadError) {
        switch byte {
        case 0: form = .strings(1)
        case 1, 2: form = .strings(try count())
        case 3, 5: form = .scored(try count(), isText: byte == 3)
        case 4: form = .strings(2 * (try count()))
        case 14, 18: form = .nodes(try count(), areZiplists: byte == 14)
        case 11: packed = .integers(try IntegerSetReader(try packedBytes()))
        case 10, 12, 13: packed = .ziplist(try ZiplistReader(try packedBytes()))
        default: packed = .listpack(try ListpackReader(try packedBytes()))
        }
    }

    /// How many bytes of the value were read.
    public var consumed: Int { reader.offset }

    /// How many bytes are left behind the value, which must be none in a payload.
    public var remaining: Int { reader.remaining }

    /// The next element, or nil behind the last one.
    public mutating func next() throws(PayloadError) -> PayloadElement? {
        while true {
            if let element = try nextPacked() { return try scored(element) }
            // A member without its score.
            if hasPackedScores, isAtScore { throw .badFormat }
            switch form {
            case .strings(0), .scored(0, _), .nodes(0, _): return nil
            case .strings(let left):
                form = .strings(left - 1)
                return try string()
            case .scored(let left, let isText):
                if isAtScore {
                    isAtScore = false
                    form = .scored(left - 1, isText: isText)
                    return .score(isText ? try textScore() : try binaryScore())
                }
                isAtScore = true
                return try string()
            case .nodes(let left, let areZiplists):
                form = .nodes(left - 1, areZiplists: areZiplists)
                if let plain = try openNode(areZiplists) { return plain }
            }
        }
    }

    // MARK: Packed forms

    private mutating func nextPacked() throws(PayloadError) -> PayloadElement? {
        let element: PayloadElement?
        switch packed {
        case .none: return nil
        case .listpack(var reader):
            element = try reader.next()
            packed = .listpack(reader)
        case .ziplist(var reader):
            element = try reader.next()
            packed = .ziplist(reader)
        case .integers(var reader):
            element = try reader.next()
            packed = .integers(reader)
        }
        if element == nil { packed = .none }
        return element
    }

    /// Turns every second element of a packed sorted set into a score.
    private mutating func scored(_ element: PayloadElement) throws(PayloadError) -> PayloadElement {
        if !hasPackedScores { return element }
        isAtScore.toggle()
        if isAtScore { return element }
        switch element {
        case .integer(let integer): return .score(Double(integer))
        case .bytes(let bytes): return .score(try Self.score(bytes))
        case .score: return element
        }
    }

    /// Opens a list's node; returns its element where it has but one, and not packed.
    private mutating func openNode(_ isZiplist: Bool) throws(PayloadError) -> PayloadElement? {
        if isZiplist {
            packed = .ziplist(try ZiplistReader(try packedBytes()))
            return nil
        }
        switch try length() {
        case (1, false): return try string()
        case (2, false):
            packed = .listpack(try ListpackReader(try packedBytes()))
            return nil
        default: throw .badFormat
        }
    }

    /// The bytes of a packed form, which stay until the next one is opened.
    private mutating func packedBytes() throws(PayloadError) -> Bytes {
        packedScratch.removeAll()
        switch try Encoding.string(&reader, &packedScratch) {
        case .bytes(let bytes): return bytes
        default: throw .badFormat
        }
    }

    // MARK: Lengths, strings, scores

    /// A count of elements, each of which takes a byte at least.
    private mutating func count() throws(PayloadError) -> UInt64 {
        let (count, isEncoded) = try length()
        if isEncoded { throw .badFormat }
        if count > UInt64(reader.remaining) { throw .badFormat }
        return count
    }

    private mutating func length() throws(PayloadError) -> (UInt64, isEncoded: Bool) {
        try Encoding.length(&reader)
    }

    private mutating func string() throws(PayloadError) -> PayloadElement {
        scratch.removeAll()
        return try Encoding.string(&reader, &scratch)
    }

    private mutating func binaryScore() throws(PayloadError) -> Double {
        let score = Double(bitPattern: try reader.little(UInt64.self))
        if score.isNaN { throw .badFormat }
        return score
    }

    private mutating func textScore() throws(PayloadError) -> Double {
        let length = try reader.byte()
        switch length {
        case 253: throw .badFormat
        case 254: return .infinity
        case 255: return -.infinity
        default: return try Self.score(try reader.take(UInt64(length)))
        }
    }

    private static func score(_ text: Bytes) throws(PayloadError) -> Double {
        guard text.count <= 128, let score = Double(text.string), !score.isNaN else {
            throw .badFormat
        }
        return score
    }
}
