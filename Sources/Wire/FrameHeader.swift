import Base

/// Where the fields of a frame's header stand (docs/internals/wire.md, "A frame").
enum FrameLayout {
    /// In bytes.
    static let headerSize = 32
    /// What each direction of a link begins with.
    static let magic: StaticString = "gyre.net"
    static let magicSize = 8

    static let check = 0
    static let counter = 16
    static let length = 24
    static let kind = 28
    static let flags = 29
    static let headerCheck = 30
}

/// The header of a frame, checked but for the body.
struct FrameHeader: BitwiseCopyable {
    let kind: FrameKind
    /// Of the body, in bytes.
    let bodySize: Int

    /// With the body, in bytes.
    var frameSize: Int { FrameLayout.headerSize &+ bodySize }

    /// Reads the header that `bytes` begin with.
    ///
    /// - Parameter counter: the one that the frame must have.
    /// - Parameter bodySizeMax: in bytes.
    static func read(
        _ bytes: Bytes, _ seal: borrowing FrameSeal, counter: UInt64, bodySizeMax: Int
    ) -> HeaderStep {
        let fields = bytes.slice(FrameLayout.counter, FrameLayout.headerCheck)
        let check = bytes.integer(at: FrameLayout.headerCheck, UInt16.self)
        if check != seal.headerCheck(fields) { return .fault(.headerDamaged) }
        let found = bytes.integer(at: FrameLayout.counter, UInt64.self)
        if found != counter { return .fault(.outOfOrder(expected: counter, found: found)) }
        let number = bytes[FrameLayout.kind]
        guard let kind = FrameKind(rawValue: number) else {
            return .fault(.unknownKind(number))
        }
        let flags = bytes[FrameLayout.flags]
        if flags != 0 { return .fault(.unknownFlags(flags)) }
        let length = Int(bytes.integer(at: FrameLayout.length, UInt32.self))
        if length > bodySizeMax { return .fault(.tooLong(size: length, sizeMax: bodySizeMax)) }
        return .header(FrameHeader(kind: kind, bodySize: length))
    }

    /// Fills in the header of the frame from `start` to the buffer's end, its body being there.
    static func write(
        _ kind: FrameKind, counter: UInt64, at start: Int, _ seal: borrowing FrameSeal,
        in output: inout OutputBuffer
    ) {
        let length = output.count - start - FrameLayout.headerSize
        output.overwrite(integer: counter, at: start + FrameLayout.counter)
        output.overwrite(integer: UInt32(length), at: start + FrameLayout.length)
        output.overwrite(kind.rawValue, at: start + FrameLayout.kind)
        output.overwrite(0, at: start + FrameLayout.flags)
        let fields = output.bytes.slice(
            start + FrameLayout.counter, start + FrameLayout.headerCheck)
        output.overwrite(
            integer: seal.headerCheck(fields), at: start + FrameLayout.headerCheck)
        let check = seal.check(output.bytes.slice(start + FrameLayout.counter, output.count))
        output.overwrite(integer: check.low, at: start + FrameLayout.check)
        output.overwrite(integer: check.high, at: start + FrameLayout.check + 8)
    }
}

/// What reading a header comes to.
enum HeaderStep: BitwiseCopyable {
    case header(FrameHeader)
    case fault(FrameFault)
}
