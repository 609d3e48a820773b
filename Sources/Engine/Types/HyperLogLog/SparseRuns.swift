import Base

/// A run of a sparse HyperLogLog: registers alike.
struct SparseRun: BitwiseCopyable {
    static let valueMax: UInt8 = 32
    static let valueLengthMax = 4
    static let shortZerosMax = 64

    /// Of each register.
    let value: UInt8
    /// How many registers.
    let length: Int
    /// Bytes that the run takes of the string.
    let size: Int
    /// Whether it is one of the form with two bytes.
    let isLong: Bool

    /// The run that begins at `offset`. A second byte beyond the end counts as 0 and takes nothing.
    @inline(__always)
    init(_ bytes: Bytes, at offset: Int) {
        let byte = bytes[offset]
        if byte & 0x80 != 0 {
            value = byte &>> 2 & 31 &+ 1
            length = Int(byte & 3) &+ 1
            size = 1
            isLong = false
        } else if byte & 0x40 != 0 {
            let isCut = offset &+ 1 == bytes.count
            value = 0
            length = Int(byte & 63) &<< 8 &+ Int(isCut ? 0 : bytes[offset &+ 1]) &+ 1
            size = isCut ? 1 : 2
            isLong = true
        } else {
            value = 0
            length = Int(byte) &+ 1
            size = 1
            isLong = false
        }
    }
}

/// Walks over the runs of a sparse HyperLogLog.
struct SparseRuns {
    private let bytes: Bytes
    private(set) var offset = HyperLogLog.headerSize

    init(_ log: HyperLogLog) {
        bytes = log.bytes
    }

    mutating func next() -> SparseRun? {
        if offset >= bytes.count { return nil }
        let run = SparseRun(bytes, at: offset)
        offset &+= run.size
        return run
    }
}

extension HyperLogLog {
    /// Whether a sparse one's runs cover the registers, no less and no more.
    var isWhole: Bool {
        var runs = SparseRuns(self)
        var covered = 0
        while let run = runs.next() { covered += run.length }
        return covered == Self.registerCount
    }
}

/// Up to five bytes that replace a run by what is left of it around a register, and that one.
struct SparseReplacement {
    private(set) var packed: UInt64 = 0
    private(set) var size = 0

    private mutating func append(_ byte: UInt8) {
        packed |= UInt64(byte) &<< UInt64(8 &* size)
        size &+= 1
    }

    /// Registers of 0, none or more.
    mutating func appendZeros(_ length: Int) {
        if length == 0 { return }
        let number = length &- 1
        if length > SparseRun.shortZerosMax {
            append(0x40 | UInt8(truncatingIfNeeded: number &>> 8))
            append(UInt8(truncatingIfNeeded: number))
        } else {
            append(UInt8(truncatingIfNeeded: number))
        }
    }

    /// Registers of `value`, 1...32; none to four.
    mutating func appendValues(_ value: UInt8, _ length: Int) {
        if length == 0 { return }
        append(0x80 | (value &- 1) &<< 2 | UInt8(truncatingIfNeeded: length &- 1))
    }
}

/// What raising a register of a sparse HyperLogLog comes to.
enum SparseChange {
    /// The register has that value or a higher one.
    case none
    /// A run is replaced.
    case edit(SparseEdit)
    /// The value is more than a sparse one can hold.
    case needsDense
    /// No run has the register.
    case corrupt

    /// - Parameter bytes: those of a sparse one.
    init(_ bytes: Bytes, _ index: Int, _ value: UInt8) {
        if value > SparseRun.valueMax {
            self = .needsDense
            return
        }
        var offset = HyperLogLog.headerSize
        var previous = offset
        var first = 0
        while offset < bytes.count {
            let run = SparseRun(bytes, at: offset)
            if index < first &+ run.length {
                self =
                    run.value >= value
                    ? .none
                    : .edit(SparseEdit(run, offset, previous, index &- first, value))
                return
            }
            previous = offset
            first &+= run.length
            offset &+= run.size
        }
        self = .corrupt
    }
}

/// A run's replacement, and where it goes.
struct SparseEdit {
    /// Of the run that is replaced.
    let offset: Int
    let size: Int
    /// Where the run before it begins; its own beginning where it is the first.
    let previous: Int
    let replacement: SparseReplacement

    /// - Parameter place: of the register within the run.
    init(_ run: SparseRun, _ offset: Int, _ previous: Int, _ place: Int, _ value: UInt8) {
        self.offset = offset
        self.previous = previous
        size = run.size
        var replacement = SparseReplacement()
        let behind = run.length &- place &- 1
        if run.value == 0 {
            replacement.appendZeros(place)
            replacement.appendValues(value, 1)
            replacement.appendZeros(behind)
        } else {
            replacement.appendValues(run.value, place)
            replacement.appendValues(value, 1)
            replacement.appendValues(run.value, behind)
        }
        self.replacement = replacement
    }

    /// By how many bytes the string grows; negative where it shrinks.
    var growth: Int { replacement.size - size }

    /// Puts the replacement in. There is room for the growth behind `length` bytes.
    ///
    /// - Returns: the new length; the runs around have been joined.
    func apply(_ bytes: HyperLogLogBytes, _ length: Int) -> Int {
        let at = unsafe bytes.start + offset
        unsafe (at + replacement.size)
            .copyMemory(from: at + size, byteCount: length - offset - size)
        for place in 0..<replacement.size {
            let byte = UInt8(truncatingIfNeeded: replacement.packed &>> UInt64(8 &* place))
            unsafe at.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
        }
        return unsafe joinRuns(bytes.start, length + growth)
    }

    /// Joins neighbouring runs of one value where they fit into one, among the five runs from the
    /// one before the replacement on.
    private func joinRuns(_ start: UnsafeMutableRawPointer, _ length: Int) -> Int {
        var length = length
        var offset = previous
        for _ in 0..<5 where offset < length {
            let byte = unsafe start.load(fromByteOffset: offset, as: UInt8.self)
            if byte & 0x80 == 0 {
                offset += byte & 0x40 == 0 ? 1 : 2
                continue
            }
            let next =
                offset + 1 < length
                ? unsafe start.load(fromByteOffset: offset + 1, as: UInt8.self) : 0
            let joined = byte & 3 &+ next & 3 &+ 2
            if next & 0x80 == 0 || byte &>> 2 != next &>> 2
                || joined > SparseRun.valueLengthMax
            {
                offset += 1
                continue
            }
            unsafe start.storeBytes(
                of: byte & 0xFC | (joined - 1), toByteOffset: offset + 1, as: UInt8.self)
            unsafe (start + offset)
                .copyMemory(from: start + offset + 1, byteCount: length - offset - 1)
            length -= 1
        }
        return length
    }
}
