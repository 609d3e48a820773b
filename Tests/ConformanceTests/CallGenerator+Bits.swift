extension CallGenerator {
    /// An argument of one of the kinds that only the bit commands have.
    mutating func bitArgument(_ kind: ArgumentKind) -> [UInt8] {
        switch kind {
        case .bit: word(dice.chance(90) ? dice.pick(["0", "1"]) : dice.pick(Self.oddBits))
        case .bitOffset: word(dice.chance(80) ? "\(dice.below(600))" : dice.pick(Self.farOffsets))
        case .bitIndex: word(dice.chance(70) ? near() : dice.pick(Self.numbers))
        case .bitUnit: word(dice.pick(["BIT", "BYTE", "BIT", "BYTE", "bit", "bytes", ""]))
        case .bitOperation: word(dice.pick(["AND", "OR", "XOR", "AND", "OR", "XOR", "NOT", "NAND"]))
        case .fieldType: word(dice.chance(90) ? fieldType() : dice.pick(Self.oddTypes))
        case .fieldOffset: word(fieldOffset())
        case .fieldOverflow: word(dice.pick(["WRAP", "SAT", "FAIL", "WRAP", "SAT", "FAIL", "STOP"]))
        default: fatalError("'\(kind)' is no kind of argument of the bit commands")
        }
    }

    private mutating func near() -> String { "\(dice.number(in: -80...80))" }

    private mutating func fieldType() -> String {
        dice.pick(["u", "i"]) + "\(dice.pick([1, 2, 5, 7, 8, 9, 16, 31, 32, 33, 63, 64]))"
    }

    private mutating func fieldOffset() -> String {
        switch dice.below(10) {
        case 0...4: "\(dice.below(300))"
        case 5...7: "#\(dice.below(30))"
        case 8: dice.pick(Self.farOffsets)
        default: "#" + dice.pick(Self.numbers.filter { $0 != "10000" && $0 != "9999" })
        }
    }

    private static let oddBits = ["2", "-1", "", "x", "01", " 1", "9223372036854775808"]

    /// Far, or too far; never so far that megabytes are filled with zeros.
    private static let farOffsets = [
        "30000", "33000", "70000", "-1", "4294967296", "99999999999", "9223372036854775807",
        "9223372036854775808", "", "x", "+1", "1.0", "#1",
    ]

    private static let oddTypes = [
        "u64", "i65", "u0", "i0", "", "u", "i", "8", "U8", "I8", "u08", "u+8", "u8 ", "i-8", "x8",
        "u8\u{0}x", "\u{0}",
    ]
}
