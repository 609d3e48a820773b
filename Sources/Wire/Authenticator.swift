// The one file that uses cryptography, all of it from swift-crypto: HMAC-SHA256 (RFC 2104, FIPS
// 180-4).

import Base
import Crypto

/// Makes and checks the codes that only who has the key can make.
///
/// Holds HMAC's state after the key, so that a code costs its message and one block more. Copying
/// it copies two references; making a code allocates twice, inside swift-crypto.
struct Authenticator {
    private let keyed: HMAC<SHA256>

    /// Of the cluster's secret; without one of the empty key, whose codes everybody can make.
    init(_ secret: ClusterSecret?) {
        guard let secret else {
            keyed = HMAC(key: SymmetricKey(data: EmptyCollection<UInt8>()))
            return
        }
        keyed = secret.bytes.withBytes { bytes in
            unsafe HMAC(key: SymmetricKey(data: bytes.buffer))
        }
    }

    /// Of a key that another one's code is.
    init(key: Code) {
        keyed = key.withBytes { bytes in unsafe HMAC(key: SymmetricKey(data: bytes.buffer)) }
    }

    /// The code of the label, a zero byte, and the bytes.
    func code(_ label: StaticString, _ bytes: Bytes) -> Code {
        Code(finished(label, bytes))
    }

    /// Whether `code` is ``code(_:_:)``, found out in a time that does not depend on where they
    /// differ.
    func isCode(_ code: Bytes, _ label: StaticString, _ bytes: Bytes) -> Bool {
        unsafe finished(label, bytes) == code.buffer
    }

    /// The first half of the code of the bytes alone.
    func tag(_ bytes: Bytes) -> FrameCheck {
        var hmac = keyed
        unsafe hmac.update(data: bytes.buffer)
        let code = Code(hmac.finalize())
        return FrameCheck(low: code.words.0, high: code.words.1)
    }

    private func finished(_ label: StaticString, _ bytes: Bytes) -> HMAC<SHA256>.MAC {
        var hmac = keyed
        unsafe hmac.update(data: Bytes(label).buffer)
        unsafe hmac.update(data: Bytes("\0").buffer)
        unsafe hmac.update(data: bytes.buffer)
        return hmac.finalize()
    }
}

/// A code of 32 bytes.
struct Code: BitwiseCopyable {
    static let size = 32

    /// Its bytes, as little-endian words.
    let words: (UInt64, UInt64, UInt64, UInt64)

    fileprivate init(_ code: HMAC<SHA256>.MAC) {
        words = unsafe code.withUnsafeBytes { bytes in
            let bytes = unsafe Bytes(bytes)
            return (
                bytes.integer(at: 0, UInt64.self), bytes.integer(at: 8, UInt64.self),
                bytes.integer(at: 16, UInt64.self), bytes.integer(at: 24, UInt64.self)
            )
        }
    }

    /// Calls `body` with a view of the bytes that lives as long as the call.
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        let inOrder: InlineArray<4, UInt64> = [
            words.0.littleEndian, words.1.littleEndian, words.2.littleEndian,
            words.3.littleEndian,
        ]
        return unsafe inOrder.span.withUnsafeBytes { bytes in unsafe body(Bytes(bytes)) }
    }
}
