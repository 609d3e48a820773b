/// A command with one key, ready but for the key's number: copied and patched per request.
struct RequestTemplate {
    /// Bytes of every request.
    let count: Int
    private let bytes: [UInt8]
    private let digitsOffset: Int

    /// Digits in a key: "key:000000000042".
    static let digits = 12

    static func get() -> RequestTemplate {
        RequestTemplate(head: "*2\r\n$3\r\nGET\r\n$16\r\nkey:", tail: "\r\n")
    }

    static func set(valueBytes: Int) -> RequestTemplate {
        let value = String(repeating: "x", count: valueBytes)
        return RequestTemplate(
            head: "*3\r\n$3\r\nSET\r\n$16\r\nkey:", tail: "\r\n$\(valueBytes)\r\n\(value)\r\n")
    }

    private init(head: String, tail: String) {
        let zeros = String(repeating: "0", count: RequestTemplate.digits)
        bytes = Array((head + zeros + tail).utf8)
        digitsOffset = head.utf8.count
        count = bytes.count
    }

    /// Writes the request for key number `key` to `target`.
    func write(key: Int, to target: UnsafeMutableRawPointer) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe target.copyMemory(from: bytes.baseAddress!, byteCount: count)
        }
        unsafe RequestTemplate.writeDigits(of: key, to: target + digitsOffset)
    }

    /// The number's twelve decimal digits.
    static func writeDigits(of key: Int, to target: UnsafeMutableRawPointer) {
        var rest = UInt64(key)
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(ascii: "0") + UInt8(rest % 10)
            unsafe target.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
    }
}
