import Base

/// Frames of one direction of a link, written where they are sent from: nothing is copied, and
/// nothing allocated but by the growing of the output.
///
/// A frame is begun, its body appended to the output, and ended. Frames follow each other without
/// anything in between.
struct FrameWriter: ~Copyable {
    private var seal = FrameSeal.plain
    /// Of the next frame.
    private(set) var counter: UInt64 = 0
    /// Where the frame begins that is open.
    private var openStart: Int?
    private var openKind = FrameKind.ping

    /// Whether a frame is begun and not ended.
    var isOpen: Bool { openStart != nil }

    /// From the next frame on the link is established.
    mutating func establish(_ seal: FrameSeal) {
        invariant(openStart == nil, "a frame is sealed as it was begun")
        self.seal = seal
    }

    /// How long the body of the open frame is, in bytes.
    func bodySize(in output: borrowing OutputBuffer) -> Int {
        guard let openStart else { invariantFailed("what is measured was begun") }
        return output.count - openStart - FrameLayout.headerSize
    }

    /// Begins a frame; its body is what is appended until ``end(_:)``.
    mutating func begin(_ kind: FrameKind, _ output: inout OutputBuffer) {
        invariant(openStart == nil, "a frame is begun after the one before it has ended")
        openStart = output.count
        openKind = kind
        _ = unsafe output.reserve(FrameLayout.headerSize)
        output.advance(FrameLayout.headerSize)
    }

    /// Ends the open frame: it gets its header.
    mutating func end(_ output: inout OutputBuffer) {
        guard let start = openStart else { invariantFailed("what ends was begun") }
        let size = bodySize(in: output)
        invariant(size >= 0, "an open frame stays in the output")
        invariant(size <= WireLimits.bodySizeMax, "a body keeps to its limit")
        FrameHeader.write(openKind, counter: counter, at: start, seal, in: &output)
        counter &+= 1
        openStart = nil
    }

    /// Takes back the open frame and its body.
    mutating func cancel(_ output: inout OutputBuffer) {
        guard let start = openStart else { invariantFailed("what is taken back was begun") }
        output.truncate(to: start)
        openStart = nil
    }
}
