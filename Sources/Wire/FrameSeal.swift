import Base
import CXXHash

/// The check at the head of a frame, 16 bytes.
struct FrameCheck: Equatable, BitwiseCopyable {
    /// The first 8, little-endian.
    let low: UInt64
    /// The others; zero but for a MAC.
    let high: UInt64

    /// Compares without telling by its time where two codes differ: no branch before the end.
    @inline(__always)
    static func == (left: FrameCheck, right: FrameCheck) -> Bool {
        (left.low ^ right.low) | (left.high ^ right.high) == 0
    }
}

/// What makes the frames of one direction of a link valid there and nowhere else
/// (docs/internals/wire.md, "The check").
struct FrameSeal {
    /// Of the handshake: a checksum against accidents that everybody can make.
    static let plain = FrameSeal(salt: 0, authenticator: nil)

    /// Added to each checksum; another one for each direction of each link.
    private let salt: UInt64
    /// Where a secret is set: makes the MACs.
    private let authenticator: Authenticator?

    init(salt: UInt64, authenticator: Authenticator?) {
        self.salt = salt
        self.authenticator = authenticator
    }

    /// Whether only who knows the secret can make the checks.
    var isAuthentic: Bool { authenticator != nil }

    /// Of the counter, length, kind and flags of a header.
    @inline(__always)
    func headerCheck(_ fields: Bytes) -> UInt16 {
        UInt16(truncatingIfNeeded: sum(fields) >> 48)
    }

    /// Of a frame from its counter to its end.
    func check(_ covered: Bytes) -> FrameCheck {
        if let authenticator { return authenticator.tag(covered) }
        return FrameCheck(low: sum(covered), high: 0)
    }

    @inline(__always)
    private func sum(_ bytes: Bytes) -> UInt64 {
        unsafe gyre_xxh3(bytes.start, bytes.count, 0) &+ salt
    }
}
