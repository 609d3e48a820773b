/// One reply of RESP2 or RESP3, as the wire distinguishes them: the three nulls differ, a number
/// keeps its text, so two replies are equal exactly when their bytes are.
///
/// Source: the RESP specification, protocol versions 2 and 3.
public indirect enum Reply: Equatable, Sendable {
    case simple([UInt8])
    case error([UInt8])
    case blobError([UInt8])
    case integer(Int64)
    case bulk([UInt8])
    case verbatim(format: [UInt8], [UInt8])
    /// RESP3 `_`.
    case null
    /// RESP2 `$-1`.
    case nullBulk
    /// RESP2 `*-1`.
    case nullArray
    case boolean(Bool)
    case double([UInt8])
    case bigNumber([UInt8])
    case array([Reply])
    case set([Reply])
    case push([Reply])
    case map([Pair])
    case attributed([Pair], Reply)

    /// An entry of a map; maps keep the order of the wire.
    public struct Pair: Equatable, Sendable {
        public let key: Reply
        public let value: Reply

        public init(key: Reply, value: Reply) {
            self.key = key
            self.value = value
        }
    }
}

extension Reply {
    public var isError: Bool {
        switch self {
        case .error, .blobError: true
        default: false
        }
    }

    /// The error of a server that reads its data back.
    public var isLoading: Bool { isError && text?.hasPrefix("LOADING ") == true }

    /// Any of the three nulls.
    public var isNull: Bool {
        switch self {
        case .null, .nullBulk, .nullArray: true
        default: false
        }
    }

    /// The elements of an array, set or push; `nil` for everything else.
    public var elements: [Reply]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The bytes of a textual reply (simple, bulk, verbatim, error); `nil` for everything else.
    public var bytes: [UInt8]? {
        switch self {
        case .simple(let bytes), .error(let bytes), .blobError(let bytes), .bulk(let bytes),
            .verbatim(_, let bytes):
            bytes
        default: nil
        }
    }

    /// The text of a textual reply; bytes that are not UTF-8 are repaired.
    public var text: String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value of an integer reply.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The entries of a map, in RESP3's form or as RESP2's flat array of alternating keys and
    /// values.
    public var pairs: [Pair]? {
        switch self {
        case .map(let pairs):
            return pairs
        case .array(let elements) where elements.count.isMultiple(of: 2):
            return stride(from: 0, to: elements.count, by: 2).map {
                Pair(key: elements[$0], value: elements[$0 + 1])
            }
        default:
            return nil
        }
    }

    /// The value stored under a textual key of a map.
    public subscript(key: String) -> Reply? {
        pairs?.first { $0.key.text == key }?.value
    }

    /// The name of the wire type, such that replies of different types have different names.
    public var typeName: String {
        switch self {
        case .simple: "simple string"
        case .error: "error"
        case .blobError: "blob error"
        case .integer: "integer"
        case .bulk: "bulk string"
        case .verbatim: "verbatim string"
        case .null: "null"
        case .nullBulk: "null bulk"
        case .nullArray: "null array"
        case .boolean: "boolean"
        case .double: "double"
        case .bigNumber: "big number"
        case .array: "array"
        case .set: "set"
        case .push: "push"
        case .map: "map"
        case .attributed: "attributed reply"
        }
    }
}

extension Reply: CustomStringConvertible {
    /// One line, unambiguous: strings quoted as redis-cli quotes them, types by their wire marker.
    public var description: String {
        switch self {
        case .simple(let bytes): "+" + quoted(bytes)
        case .error(let bytes): "-" + quoted(bytes)
        case .blobError(let bytes): "!" + quoted(bytes)
        case .integer(let value): ":\(value)"
        case .bulk(let bytes): quoted(bytes)
        case .verbatim(let format, let bytes):
            "=\(String(decoding: format, as: UTF8.self)):" + quoted(bytes)
        case .null: "null"
        case .nullBulk: "null-bulk"
        case .nullArray: "null-array"
        case .boolean(let value): "#\(value)"
        case .double(let text): "," + String(decoding: text, as: UTF8.self)
        case .bigNumber(let text): "(" + String(decoding: text, as: UTF8.self)
        case .array(let elements): "[" + Self.joined(elements) + "]"
        case .set(let elements): "~[" + Self.joined(elements) + "]"
        case .push(let elements): ">[" + Self.joined(elements) + "]"
        case .map(let pairs): "{" + Self.joined(pairs) + "}"
        case .attributed(let pairs, let reply): "|{" + Self.joined(pairs) + "} \(reply)"
        }
    }

    private static func joined(_ elements: [Reply]) -> String {
        elements.map(\.description).joined(separator: ", ")
    }

    private static func joined(_ pairs: [Pair]) -> String {
        pairs.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}

/// Bytes as a double-quoted string that redis-cli and inline commands read back: printable ASCII
/// as it is, everything else escaped. Long strings are cut in the middle, with their length.
public func quoted(_ bytes: some Collection<UInt8>, limit: Int = 200) -> String {
    guard bytes.count > limit else { return "\"" + bytes.map(escaped).joined() + "\"" }
    let head = bytes.prefix(limit / 2).map(escaped).joined()
    let tail = bytes.suffix(limit / 4).map(escaped).joined()
    return "\"\(head)\"…(\(bytes.count) bytes)…\"\(tail)\""
}

private func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\r"): return "\\r"
    case 0x20...0x7E: return String(UnicodeScalar(byte))
    default:
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
