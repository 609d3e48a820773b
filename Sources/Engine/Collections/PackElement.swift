// One element of a pack: bytes, an integer or a double, each in its shortest form.
//
// The first byte tells the form (docs/internals/collections.md):
//
//     0…191     so many bytes follow
//     192…215   an integer of −1…22, in the byte itself
//     216       an 8-bit integer follows
//     217       a 16-bit integer
//     218       a 32-bit integer
//     219       a 64-bit integer
//     220       a double
//     221       a length of 16 bits, then the bytes
//     222       a length of 32 bits, then the bytes
//     223       a 24-bit integer follows
//     224…239   an integer of 128…4095: its high four bits in the byte, the low eight follow
//
// Numbers are little-endian, which is the machine's order: the log holds elements in this form
// (docs/internals/log-format.md). Bytes that are the canonical decimal spelling of a 64-bit integer
// are always held as one, so that equal elements have equal encodings; of the forms that could hold
// an integer it is the shortest.

import Base

/// An element as it is read; the bytes are a view into the pack.
package enum PackElement: BitwiseCopyable {
    case bytes(Bytes)
    case integer(Int64)
    case double(Double)
}

/// An element as it is written: measured first, then put where room was made.
struct PackEncoding {
    private enum Form: UInt8 {
        case int8 = 216
        case int16 = 217
        case int32 = 218
        case int64 = 219
        case double = 220
        case bytes16 = 221
        case bytes32 = 222
        case int24 = 223
    }

    static let shortLengthMax = 191
    static let smallIntegerBase: Int64 = 193
    static let smallIntegers: ClosedRange<Int64> = -1...22
    /// The first byte of integers of twelve bits.
    private static let int12Base = 224
    private static let int12s: Range<Int64> = 128..<4096
    private static let int24s: Range<Int64> = -(1 << 23)..<(1 << 23)

    private let element: PackElement
    /// How many bytes it takes.
    let size: Int

    /// Of an argument: an integer where the bytes spell one.
    @inline(__always)
    init(_ bytes: Bytes) {
        if bytes.count <= 20, let integer = bytes.canonicalInteger {
            self.init(integer)
        } else {
            self.init(raw: bytes)
        }
    }

    private init(raw bytes: Bytes) {
        element = .bytes(bytes)
        let length = bytes.count
        size = length + (length <= Self.shortLengthMax ? 1 : length <= 0xFFFF ? 3 : 5)
    }

    private init(double: Double) {
        element = .double(double)
        size = 9
    }

    init(_ integer: Int64) {
        element = .integer(integer)
        if Self.smallIntegers.contains(integer) {
            size = 1
        } else if Int8(exactly: integer) != nil || Self.int12s.contains(integer) {
            size = 2
        } else if Int16(exactly: integer) != nil {
            size = 3
        } else if Self.int24s.contains(integer) {
            size = 4
        } else if Int32(exactly: integer) != nil {
            size = 5
        } else {
            size = 9
        }
    }

    /// A whole number of no more than 53 bits is held as an integer; −0 is none.
    init(_ double: Double) {
        if let integer = Int64(exactly: double), integer.magnitude <= 1 << 53,
            integer != 0 || double.sign == .plus
        {
            self.init(integer)
        } else {
            self.init(double: double)
        }
    }

    /// The bytes of an element whose first byte is their length; nil of any other.
    @inline(__always)
    var shortBytes: Bytes? {
        if case .bytes(let bytes) = element, bytes.count <= Self.shortLengthMax { return bytes }
        return nil
    }

    init(_ element: PackElement) {
        switch element {
        case .bytes(let bytes): self.init(bytes)
        case .integer(let integer): self.init(integer)
        case .double(let double): self.init(double)
        }
    }

    /// Writes its ``size`` bytes.
    func write(to target: UnsafeMutableRawPointer) {
        switch element {
        case .bytes(let bytes): unsafe write(bytes, to: target)
        case .integer(let integer): unsafe write(integer, to: target)
        case .double(let double):
            unsafe target.storeBytes(of: Form.double.rawValue, as: UInt8.self)
            unsafe (target + 1).storeBytes(of: double, as: Double.self)
        }
    }

    private func write(_ bytes: Bytes, to target: UnsafeMutableRawPointer) {
        let length = bytes.count
        var content = unsafe target + 1
        if length <= Self.shortLengthMax {
            unsafe target.storeBytes(of: UInt8(length), as: UInt8.self)
        } else if length <= 0xFFFF {
            unsafe target.storeBytes(of: Form.bytes16.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: UInt16(length), as: UInt16.self)
            unsafe content += 2
        } else {
            unsafe target.storeBytes(of: Form.bytes32.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: UInt32(length), as: UInt32.self)
            unsafe content += 4
        }
        unsafe content.copyMemory(from: bytes.start, byteCount: length)
    }

    private func write(_ integer: Int64, to target: UnsafeMutableRawPointer) {
        let content = unsafe target + 1
        switch size {
        case 1:
            let byte = UInt8(truncatingIfNeeded: Self.smallIntegerBase + integer)
            unsafe target.storeBytes(of: byte, as: UInt8.self)
        case 2:
            // What an 8-bit integer follows, or the high bits of one of twelve.
            let first =
                Self.int12s.contains(integer)
                ? UInt8(Self.int12Base + Int(integer >> 8)) : Form.int8.rawValue
            unsafe target.storeBytes(of: first, as: UInt8.self)
            unsafe content.storeBytes(of: UInt8(truncatingIfNeeded: integer), as: UInt8.self)
        case 3:
            unsafe target.storeBytes(of: Form.int16.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: Int16(integer), as: Int16.self)
        case 4:
            unsafe target.storeBytes(of: Form.int24.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: UInt16(truncatingIfNeeded: integer), as: UInt16.self)
            unsafe content.storeBytes(
                of: Int8(truncatingIfNeeded: integer >> 16), toByteOffset: 2, as: Int8.self)
        case 5:
            unsafe target.storeBytes(of: Form.int32.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: Int32(integer), as: Int32.self)
        default:
            unsafe target.storeBytes(of: Form.int64.rawValue, as: UInt8.self)
            unsafe content.storeBytes(of: integer, as: Int64.self)
        }
    }

    // MARK: Reading

    /// How many bytes the element at `start` takes.
    @inline(__always)
    static func size(at start: UnsafeRawPointer) -> Int {
        let first = unsafe start.load(as: UInt8.self)
        if first <= 191 { return Int(first) &+ 1 }
        if first < Form.int8.rawValue { return 1 }
        if first <= Form.double.rawValue {
            // The sizes of the numbers, a nibble each.
            let place = UInt64(first &- Form.int8.rawValue)
            return Int(truncatingIfNeeded: (0x9_9532 as UInt64) &>> (place &* 4)) & 0xF
        }
        return unsafe longSize(first, start)
    }

    private static func longSize(_ first: UInt8, _ start: UnsafeRawPointer) -> Int {
        guard let form = Form(rawValue: first) else {
            invariant(Int(first) < int12Base + 16, "an element of a pack has a known form")
            return 2
        }
        switch form {
        case .int24: return 4
        case .int8, .int16, .int32, .int64, .double: invariantFailed("a number's size is known")
        case .bytes16: return unsafe 3 + Int((start + 1).loadUnaligned(as: UInt16.self))
        case .bytes32: return unsafe 5 + Int((start + 1).loadUnaligned(as: UInt32.self))
        }
    }

    /// Whether a whole element of a known form begins at `start`, within `left` bytes, of which
    /// there is one at least.
    static func isWhole(at start: UnsafeRawPointer, within left: Int) -> Bool {
        let first = unsafe start.load(as: UInt8.self)
        if Int(first) >= int12Base + 16 { return false }
        let lengthSize = first == Form.bytes16.rawValue ? 2 : first == Form.bytes32.rawValue ? 4 : 0
        return unsafe left > lengthSize && size(at: start) <= left
    }

    /// The element at `start`.
    static func read(at start: UnsafeRawPointer) -> PackElement {
        let first = unsafe start.load(as: UInt8.self)
        let content = unsafe start + 1
        if first <= 191 { return unsafe .bytes(Bytes(start: content, count: Int(first))) }
        guard let form = Form(rawValue: first) else {
            if Int(first) < int12Base { return .integer(Int64(first) - smallIntegerBase) }
            let low = unsafe content.load(as: UInt8.self)
            return .integer(Int64(Int(first) - int12Base) << 8 | Int64(low))
        }
        switch form {
        case .int24:
            let low = unsafe content.loadUnaligned(as: UInt16.self)
            let high = unsafe content.load(fromByteOffset: 2, as: Int8.self)
            return .integer(Int64(high) << 16 | Int64(low))
        case .int8: return unsafe .integer(Int64(content.load(as: Int8.self)))
        case .int16: return unsafe .integer(Int64(content.loadUnaligned(as: Int16.self)))
        case .int32: return unsafe .integer(Int64(content.loadUnaligned(as: Int32.self)))
        case .int64: return unsafe .integer(content.loadUnaligned(as: Int64.self))
        case .double: return unsafe .double(content.loadUnaligned(as: Double.self))
        case .bytes16:
            let length = unsafe Int(content.loadUnaligned(as: UInt16.self))
            return unsafe .bytes(Bytes(start: content + 2, count: length))
        case .bytes32:
            let length = unsafe Int(content.loadUnaligned(as: UInt32.self))
            return unsafe .bytes(Bytes(start: content + 4, count: length))
        }
    }
}

extension PackElement {
    /// Calls `body` with the element's bytes; a number's are spelled out for the duration of the
    /// call. Elements that are doubles are scores, which are not read as bytes.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        switch self {
        case .bytes(let bytes): return body(bytes)
        case .integer(let integer): return StringValue.integer(integer).withBytes(body)
        case .double: invariantFailed("a score is not read as bytes")
        }
    }

    /// The element read as a number: that of a score.
    var number: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        case .bytes: invariantFailed("a score is a number")
        }
    }

    /// How many bytes it is long as a string.
    var length: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .integer(let integer): StringValue.integer(integer).length
        case .double: invariantFailed("a score is not read as bytes")
        }
    }
}

extension Reply {
    /// An element as a bulk string.
    @inline(__always)
    mutating func bulk(_ element: PackElement) {
        switch element {
        case .bytes(let bytes): bulk(bytes)
        case .integer(let integer): bulk(integer)
        case .double: invariantFailed("a score is not read as bytes")
        }
    }
}
