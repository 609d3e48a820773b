import Base

extension Engine {
    /// PFSELFTEST: registers keep what they are given, and estimates are within six standard errors
    /// of what was counted.
    @inline(never)
    mutating func selfTestHyperLogLog(_ call: Invocation) {
        var random = SplitMix64(seed: 1)
        if !isPackingSound(&random) {
            fail("ERR TESTFAILED Registers are not what they were set to")
            return
        }
        if let count = findWrongEstimate(&random) {
            fail("ERR TESTFAILED The estimate of \(count) elements is too far off")
            return
        }
        reply.ok()
    }

    private func isPackingSound(_ random: inout SplitMix64) -> Bool {
        var dense = OutputBuffer(capacity: HyperLogLog.denseSize)
        let bytes = unsafe HyperLogLogBytes(dense.reserve(HyperLogLog.denseSize))
        let registers = DenseRegisters(bytes)
        for _ in 0..<16 {
            registers.clear()
            var expected = RegisterArray()
            for index in 0..<HyperLogLog.registerCount {
                let value = UInt8(random.next() & 63)
                expected.raise(index, to: value)
                _ = registers.raise(index, to: value)
            }
            for index in 0..<HyperLogLog.registerCount
            where registers[index] != expected[index] {
                return false
            }
            for group in 0..<DenseRegisters.groupCount
            where registers.group(group) != expected.group(group) {
                return false
            }
        }
        return true
    }

    /// How many elements an estimate was wrong for.
    private func findWrongEstimate(_ random: inout SplitMix64) -> Int? {
        let countMax = 200_000
        var registers = RegisterArray()
        var next = 1
        let salt = random.next()
        for count in 1...countMax {
            let element = UInt64(count) ^ salt
            unsafe withUnsafeBytes(of: element) { buffer in
                let register = HyperLogLog.register(of: unsafe Bytes(buffer))
                registers.raise(register.index, to: register.value)
            }
            if count < next { continue }
            next *= 2
            var histogram = RegisterHistogram()
            histogram.add(registers)
            let error = abs(Double(histogram.estimate) - Double(count))
            if error > (6 * 0.0081 * Double(count)).rounded(.up) { return count }
        }
        return nil
    }
}
