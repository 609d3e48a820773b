import Base

/// How many registers have each value: all that the estimate needs.
struct RegisterHistogram: ~Copyable {
    /// Four tables, used in turn: registers often have the value of their neighbour, and counting
    /// that in one place would wait for the count before.
    private var counts = InlineArray<256, Int32>(repeating: 0)

    /// Counts eight registers, a byte below 64 each.
    @inline(__always)
    private mutating func add(group: UInt64) {
        for lane in 0..<8 {
            let value = Int(truncatingIfNeeded: group &>> UInt64(8 &* lane) & 63)
            counts[(lane & 3) &* 64 &+ value] &+= 1
        }
    }

    mutating func add(_ registers: DenseRegisters) {
        for group in 0..<DenseRegisters.groupCount { add(group: registers.group(group)) }
    }

    mutating func add(_ registers: borrowing RegisterArray) {
        for group in 0..<DenseRegisters.groupCount { add(group: registers.group(group)) }
    }

    /// Counts a HyperLogLog's registers; false where its runs do not cover them.
    mutating func add(_ log: HyperLogLog) -> Bool {
        if log.isDense {
            add(DenseRegisters(log))
            return true
        }
        var runs = SparseRuns(log)
        var covered = 0
        while let run = runs.next() {
            counts[Int(run.value)] &+= Int32(run.length)
            covered += run.length
            if covered > HyperLogLog.registerCount { return false }
        }
        return covered == HyperLogLog.registerCount
    }

    private func count(_ value: Int) -> Double {
        let pair = counts[value] &+ counts[64 + value]
        return Double(pair &+ counts[128 + value] &+ counts[192 + value])
    }

    /// How many different elements were added to the registers: Ertl's improved raw estimator.
    var estimate: UInt64 {
        let registers = Double(HyperLogLog.registerCount)
        let full = count(HyperLogLog.registerMax)
        var sum = registers * Self.tau((registers - full) / registers)
        for value in stride(from: HyperLogLog.registerMax - 1, through: 1, by: -1) {
            sum = 0.5 * (sum + count(value))
        }
        sum += registers * Self.sigma(count(0) / registers)
        // 1 / (2 ln 2), what the bias correction of many registers tends to.
        let alpha = 0.721347520444481703680
        let estimate = (alpha * registers * registers / sum).rounded()
        // Only registers that no element can have set lead here; Redis then says this.
        return estimate < 0x1p63 ? UInt64(estimate) : 1 << 63
    }

    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var root = share
        var weight = 1.0
        var sum = 1 - share
        while true {
            root.formSquareRoot()
            weight *= 0.5
            let before = sum
            sum -= (1 - root) * (1 - root) * weight
            if sum == before { return sum / 3 }
        }
    }

    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var square = share
        var weight = 1.0
        var sum = share
        while true {
            square *= square
            let before = sum
            sum += square * weight
            weight += weight
            if sum == before { return sum }
        }
    }
}
