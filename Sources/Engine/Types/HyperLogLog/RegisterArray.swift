import Base

/// Registers of a byte each, for merging.
@safe
struct RegisterArray: ~Copyable {
    private let start: UnsafeMutableRawPointer

    /// All of them 0.
    init() {
        unsafe start = .allocate(byteCount: HyperLogLog.registerCount, alignment: 64)
        unsafe start.initializeMemory(
            as: UInt8.self, repeating: 0, count: HyperLogLog.registerCount)
    }

    deinit {
        unsafe start.deallocate()
    }

    /// The register `index`, 0..<16,384.
    subscript(index: Int) -> UInt8 {
        invariant(UInt(bitPattern: index) < UInt(HyperLogLog.registerCount), "a register is one")
        return unsafe start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Eight registers, the first lowest.
    @inline(__always)
    func group(_ group: Int) -> UInt64 {
        unsafe UInt64(littleEndian: start.load(fromByteOffset: group &* 8, as: UInt64.self))
    }

    /// Gives a register `value` where that is more than it has.
    mutating func raise(_ index: Int, to value: UInt8) {
        let before = self[index]
        unsafe start.storeBytes(of: max(before, value), toByteOffset: index, as: UInt8.self)
    }

    /// Raises each register to another HyperLogLog's; false where that one's runs do not cover
    /// them.
    mutating func merge(_ log: HyperLogLog) -> Bool {
        if log.isDense {
            merge(DenseRegisters(log))
            return true
        }
        if !log.isWhole { return false }
        var runs = SparseRuns(log)
        var index = 0
        while let run = runs.next() {
            if run.value > 0 {
                for place in index..<(index + run.length) { raise(place, to: run.value) }
            }
            index += run.length
        }
        return true
    }

    private mutating func merge(_ registers: DenseRegisters) {
        for group in 0..<DenseRegisters.groupCount {
            let at = unsafe start + group &* 8
            let ours = unsafe at.load(as: SIMD8<UInt8>.self)
            let theirs = unsafe unsafeBitCast(
                registers.group(group).littleEndian, to: SIMD8<UInt8>.self)
            unsafe at.storeBytes(of: pointwiseMax(ours, theirs), as: SIMD8<UInt8>.self)
        }
    }

    /// Puts the registers into a dense HyperLogLog.
    func pack(into registers: DenseRegisters) {
        for group in 0..<DenseRegisters.groupCount {
            registers.setGroup(group, self.group(group))
        }
    }
}
