extension CallGenerator {
    /// An argument, or several, of one of the kinds that only the HyperLogLog commands have.
    mutating func hyperLogLogArguments(_ kind: ArgumentKind) -> [[UInt8]] {
        switch kind {
        case .counted: [counted()]
        case .elements:
            // Many enough to make a sparse one dense.
            (0..<dice.pick([20, 200, 1_500])).map { _ in word("\(dice.below(4_000))") }
        case .registers: [dice.chance(85) ? sparseRegisters() : denseRegisters()]
        default: fatalError("'\(kind)' is no kind of argument of the HyperLogLog commands")
        }
    }

    private mutating func counted() -> [UInt8] {
        switch dice.below(3) {
        case 0: word("\(dice.below(3_000))")
        case 1: dice.bytes(count: dice.below(30))
        default: value()
        }
    }

    /// "HYLL", the form, three bytes that mean nothing, and a count that may be stale.
    private mutating func header(_ form: UInt8) -> [UInt8] {
        let count = dice.pick([
            [0, 0, 0, 0, 0, 0, 0, 0x80], [7, 0, 0, 0, 0, 0, 0, 0], dice.bytes(count: 8),
        ])
        return word("HYLL") + [form] + dice.bytes(count: 3) + count
    }

    /// Runs that cover all registers, or nearly.
    private mutating func sparseRegisters() -> [UInt8] {
        var bytes = header(dice.chance(95) ? 1 : 2)
        var left = 16_384
        while left > 0 {
            let isShort = dice.chance(60)
            let isZero = !isShort || dice.chance(50)
            let length = min(dice.below(isZero ? isShort ? 64 : 3_000 : 4) + 1, left)
            if !isZero {
                bytes.append(0x80 | UInt8(dice.below(32) << 2 | (length - 1)))
            } else if isShort {
                bytes.append(UInt8(length - 1))
            } else {
                bytes += [0x40 | UInt8((length - 1) >> 8), UInt8((length - 1) & 0xFF)]
            }
            left -= length
        }
        if dice.chance(10) { bytes += [0x81] }
        // Not within a run of two bytes, of which Redis would read what is behind the string.
        if dice.chance(10) {
            while let last = bytes.last, last < 0x80, bytes.count > 16 { bytes.removeLast() }
        }
        return bytes
    }

    private mutating func denseRegisters() -> [UInt8] {
        let registers = dice.chance(50)
            ? dice.bytes(count: 12_288)
            : [UInt8](repeating: dice.pick([0, 0x41, 0x10, 0xFF]), count: 12_288)
        return header(0) + registers.dropLast(dice.chance(10) ? 1 : 0)
    }
}
