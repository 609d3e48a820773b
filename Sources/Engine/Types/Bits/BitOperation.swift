// BITOP's four operations on whole strings.

import Base

/// What BITOP does with its strings' bits.
enum BitOperation {
    case and
    case or
    case xor
    case not

    /// The operation of that name; nil where there is none.
    init?(_ name: Bytes) {
        if name.equalsIgnoringCase("and") {
            self = .and
        } else if name.equalsIgnoringCase("or") {
            self = .or
        } else if name.equalsIgnoringCase("xor") {
            self = .xor
        } else if name.equalsIgnoringCase("not") {
            self = .not
        } else {
            return nil
        }
    }
}

/// The strings that BITOP combines.
@safe
struct BitSources: ~Copyable {
    /// One string. An integer's digits are spelled out beside it.
    private struct Source: BitwiseCopyable {
        var bytes = Bytes()
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    }

    /// So many bytes are combined at a time: they stay in the first-level cache, and on the stack.
    private static let blockSize = 1024

    private let sources: UnsafeMutablePointer<Source>
    private var count = 0
    /// The length of the longest.
    private(set) var lengthMax = 0

    /// - Parameter capacity: how many strings are going to be added.
    init(capacity: Int) {
        unsafe sources = .allocate(capacity: capacity)
        unsafe sources.initialize(repeating: Source(), count: capacity)
    }

    deinit {
        unsafe sources.deallocate()
    }

    /// Adds a string, whose bytes stay where they are until all is combined.
    mutating func append(_ string: StringFound) {
        let source = unsafe sources + count
        count += 1
        switch string.value {
        case .bytes(let bytes): unsafe source.pointee.bytes = bytes
        case .integer(let integer):
            let digits = unsafe UnsafeMutableRawPointer(source) + MemoryLayout<Bytes>.size
            let length = unsafe writeDecimal(integer, to: digits)
            unsafe source.pointee.bytes = Bytes(start: digits, count: length)
        }
        lengthMax = unsafe max(lengthMax, source.pointee.bytes.count)
    }

    /// Writes a part of the ``lengthMax`` bytes to their places from `target` on, shorter strings
    /// being followed by zeros. A string may lie at `target` itself, not across it.
    func combine(
        _ operation: BitOperation, _ range: Range<Int>, into target: UnsafeMutableRawPointer
    ) {
        unsafe withUnsafeTemporaryAllocation(
            byteCount: Self.blockSize, alignment: 16
        ) { block in
            let block = unsafe block.baseAddress.unsafelyUnwrapped
            var offset = range.lowerBound
            while offset < range.upperBound {
                let length = min(range.upperBound - offset, Self.blockSize)
                let first = unsafe sources[0].bytes.part(offset, length)
                unsafe block.copyMemory(from: first.start, byteCount: first.count)
                unsafe Self.zero(block, first.count, length)
                if operation == .not { unsafe Self.invert(block, length) }
                for index in 1..<count {
                    let part = unsafe sources[index].bytes.part(offset, length)
                    unsafe Self.combine(operation, block, part)
                    if operation == .and { unsafe Self.zero(block, part.count, length) }
                }
                unsafe (target + offset).copyMemory(from: block, byteCount: length)
                offset += length
            }
        }
    }

    private static func zero(_ block: UnsafeMutableRawPointer, _ lower: Int, _ upper: Int) {
        unsafe (block + lower).initializeMemory(
            as: UInt8.self, repeating: 0, count: upper - lower)
    }

    private static func invert(_ block: UnsafeMutableRawPointer, _ length: Int) {
        unsafe change(block, Bytes(start: block, count: length), { word, _ in ~word })
    }

    private static func combine(
        _ operation: BitOperation, _ block: UnsafeMutableRawPointer, _ part: Bytes
    ) {
        switch operation {
        case .and: unsafe change(block, part) { $0 & $1 }
        case .or: unsafe change(block, part) { $0 | $1 }
        case .xor: unsafe change(block, part) { $0 ^ $1 }
        case .not: invariantFailed("NOT has one string")
        }
    }

    /// Puts `body` of the block's and the part's words in the place of the block's.
    @inline(__always)
    private static func change(
        _ block: UnsafeMutableRawPointer, _ part: Bytes, _ body: (UInt64, UInt64) -> UInt64
    ) {
        var offset = 0
        while offset &+ 8 <= part.count {
            let ours = unsafe block.load(fromByteOffset: offset, as: UInt64.self)
            let theirs = unsafe part.start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            unsafe block.storeBytes(of: body(ours, theirs), toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        while offset < part.count {
            let ours = unsafe block.load(fromByteOffset: offset, as: UInt8.self)
            let word = body(UInt64(ours), UInt64(part[offset]))
            unsafe block.storeBytes(
                of: UInt8(truncatingIfNeeded: word), toByteOffset: offset, as: UInt8.self)
            offset &+= 1
        }
    }
}

extension Bytes {
    /// What there is of `length` bytes from `offset` on, which may be behind the end.
    fileprivate func part(_ offset: Int, _ length: Int) -> Bytes {
        slice(min(offset, count), min(offset + length, count))
    }
}
