// Bytes of a connection, cut anywhere, become frames again.
//
// Owned by a link, one thread. A frame that lies whole in what was received is handed on where it
// lies; one that is cut is collected first, in a buffer that grows as its bytes come.
//
// Invariants:
// 1. What is pending is less than one frame, or exactly the one that was handed on last.
// 2. `counter` is the number of frames handed on; a frame is handed on at most once, in order.
// 3. After the first fault nothing is handed on any more.

import Base

/// A frame as it was received. The views live until the next step, and as long as the bytes that
/// were handed in.
public struct Frame: BitwiseCopyable {
    /// What it is about.
    public let kind: FrameKind
    /// What it says.
    public let body: Bytes
    /// Header and body.
    let bytes: Bytes
}

/// What reading comes to.
enum FrameStep: BitwiseCopyable {
    /// A frame that was checked.
    case frame(Frame)
    /// All that was handed in is taken; more is wanted.
    case more
    /// What came is no frame of this connection; nothing more is read.
    case fault(FrameFault)
}

/// Bytes of a connection to frames; see the essay above.
struct FrameReader: ~Copyable {
    private var seal = FrameSeal.plain
    /// Of the next frame.
    private(set) var counter: UInt64 = 0
    private var bodySizeMax = WireLimits.handshakeBodySizeMax
    /// How many of the first bytes have come, up to ``FrameLayout/magicSize``.
    private var magicCount = 0
    /// The beginning of a frame whose end has not come.
    private var pending = OutputBuffer()
    /// What is pending was handed on.
    private var isHandedOn = false
    private var fault: FrameFault?

    /// How many bytes are held.
    var pendingSize: Int { isHandedOn ? 0 : pending.count }
    /// How much memory is held for pieces, in bytes.
    var pendingCapacity: Int { pending.capacity }

    /// From the next frame on the link is established.
    mutating func establish(_ seal: FrameSeal) {
        self.seal = seal
        bodySizeMax = WireLimits.bodySizeMax
    }

    /// The next frame of what is pending and of `input`, which loses what is taken.
    mutating func next(_ input: inout Bytes) -> FrameStep {
        if let fault { return .fault(fault) }
        if isHandedOn { dropPending() }
        if magicCount < FrameLayout.magicSize, !takeMagic(&input) {
            if let fault { return .fault(fault) }
            return .more
        }
        return pending.isEmpty ? nextWhole(&input) : nextCollected(&input)
    }

    /// Takes what it can of the first bytes; false where they are wrong or not all there.
    private mutating func takeMagic(_ input: inout Bytes) -> Bool {
        let count = min(FrameLayout.magicSize - magicCount, input.count)
        let expected = Bytes(FrameLayout.magic).slice(magicCount, magicCount + count)
        guard expected == input.slice(0, count) else {
            fault = .notGyre
            return false
        }
        magicCount += count
        input = input.slice(count, input.count)
        return magicCount == FrameLayout.magicSize
    }

    /// A frame where it lies in the input, or the input's rest put aside.
    private mutating func nextWhole(_ input: inout Bytes) -> FrameStep {
        if input.count >= FrameLayout.headerSize {
            switch readHeader(input) {
            case .fault(let found): return fail(found)
            case .header(let header):
                if input.count >= header.frameSize {
                    let bytes = input.slice(0, header.frameSize)
                    input = input.slice(header.frameSize, input.count)
                    return accept(header, bytes)
                }
            }
        }
        pending.append(input)
        input = Bytes()
        return .more
    }

    /// The frame that has begun before the input.
    private mutating func nextCollected(_ input: inout Bytes) -> FrameStep {
        guard collect(FrameLayout.headerSize, &input) else { return .more }
        switch readHeader(pending.bytes) {
        case .fault(let found): return fail(found)
        case .header(let header):
            guard collect(header.frameSize, &input) else { return .more }
            isHandedOn = true
            return accept(header, pending.bytes)
        }
    }

    /// Collects up to so many bytes; whether that many are there.
    private mutating func collect(_ size: Int, _ input: inout Bytes) -> Bool {
        let count = min(max(size - pending.count, 0), input.count)
        pending.append(input.slice(0, count))
        input = input.slice(count, input.count)
        return pending.count >= size
    }

    private func readHeader(_ bytes: Bytes) -> HeaderStep {
        FrameHeader.read(bytes, seal, counter: counter, bodySizeMax: bodySizeMax)
    }

    private mutating func accept(_ header: FrameHeader, _ bytes: Bytes) -> FrameStep {
        let check = FrameCheck(
            low: bytes.integer(at: FrameLayout.check, UInt64.self),
            high: bytes.integer(at: FrameLayout.check + 8, UInt64.self))
        if check != seal.check(bytes.slice(FrameLayout.counter, bytes.count)) {
            return fail(.frameDamaged)
        }
        counter &+= 1
        let body = bytes.slice(FrameLayout.headerSize, bytes.count)
        return .frame(Frame(kind: header.kind, body: body, bytes: bytes))
    }

    private mutating func fail(_ found: FrameFault) -> FrameStep {
        fault = found
        pending.removeAll()
        pending.shrink(over: 0)
        isHandedOn = false
        return .fault(found)
    }

    private mutating func dropPending() {
        pending.removeAll()
        pending.shrink(over: WireLimits.reassemblyKept)
        isHandedOn = false
    }

    /// Checks the invariants; see the essay.
    func checkInvariants() {
        let sizeMax = FrameLayout.headerSize + bodySizeMax
        invariant(pending.count <= sizeMax, "no more than a frame is pending")
        if magicCount < FrameLayout.magicSize {
            invariant(pending.isEmpty, "nothing is pending before the first bytes")
            invariant(counter == 0, "no frame comes before the first bytes")
        }
        if fault != nil { invariant(pending.isEmpty, "a reader that failed holds nothing") }
    }
}
