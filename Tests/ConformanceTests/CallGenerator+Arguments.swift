import TestSupport

extension CallGenerator {
    /// Names in many slots, some sharing one by a hash tag, some hostile.
    static let keyNames: [[UInt8]] =
        [
            "a", "b", "c", "key:1", "key:2", "{tag}x", "{tag}y", "", "{}", "a{b", "Key:1", "*",
            "h?llo",
            "user:1000:profile", "a rather long key that does not fit into any small allocation:42",
        ].map(word) + [[0, 13, 10, 255, 36], [0xC3, 0xA9, 0x20, 0x22, 0x5C]]

    /// What parsers of numbers get wrong.
    static let numbers = [
        "0", "1", "-1", "10", "42", "007", "+5", "-0", " 1", "1 ", "0x10", "1.0", "1e3", "", "-",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "99999999999999999999", "10000", "9999",
        "2147483648", "-2147483649", "one",
    ]

    static let floats = [
        "0", "1", "-1", "0.1", "3.0e3", ".5", "5.", "1e-20", "-1.2345678901234567890", "5e-324",
        "1e17", "1e308", "1e400", "1e4932", "inf", "-inf", "+inf", "infinity", "nan", " 1", "1 ",
        "0x10", "-0", "-0.0", "200.0", "1.1", "3.14159265358979", "1e5000", "", "1,5",
        "123456789012345678", "9007199254740993", "99999999999999999999.5", "abc",
    ]

    /// Fields that meet, numbers among them, and one that no pack takes.
    private static let fieldNames: [[UInt8]] =
        [
            "f", "g", "h", "i", "field:1", "field:2", "field:3", "1", "22", "-5", "300", "70000",
            "9223372036854775807", "007", "", "F",
            "a field that is longer than what fits into the small form of a hash, by a little",
        ].map(word) + [[0, 255, 13, 10]]

    private static let drawCounts = [
        "0", "1", "2", "3", "10", "1000", "-1", "-2", "-10", "-100", "9223372036854775807",
        "4611686018427387904", "-9223372036854775808", "9223372036854775808", "x", "", "1.5",
    ]

    mutating func key() -> [UInt8] { dice.pick(keys) }

    private mutating func field() -> [UInt8] {
        dice.chance(90) ? dice.pick(Array(Self.fieldNames.prefix(13))) : dice.pick(Self.fieldNames)
    }

    /// Integers of each width and what almost is one; words; one that no pack takes.
    private static let memberNames: [[UInt8]] =
        [
            "1", "2", "3", "-4", "200", "-32768", "32768", "70000", "2147483648", "-5000000000",
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "007", "+1", "-0",
            "1.0", "", "a", "b", "c", "member:1", "member:2",
            "a member that is longer than what fits into the small form of a set, by a little",
        ].map(word) + [[0, 255, 13, 10]]

    /// Mostly integers, so that sets of nothing else come up.
    private mutating func member() -> [UInt8] {
        dice.chance(75) ? dice.pick(Array(Self.memberNames.prefix(9))) : dice.pick(Self.memberNames)
    }

    mutating func arguments(of kind: ArgumentKind) -> [[UInt8]] {
        switch kind {
        case .key: [key()]
        case .pair: [key(), value()]
        case .field: [field()]
        case .fieldPair: [field(), value()]
        case .member: [member()]
        case .zmember, .score, .scorePair, .scoreBound, .bytesBound, .point, .place, .distance,
            .unit:
            sortedSetArguments(kind)
        case .drawCount: [word(dice.pick(Self.drawCounts))]
        case .value: [value()]
        case .integer: [word(integer())]
        case .float: [word(dice.pick(Self.floats))]
        case .index: [word(dice.pick(Self.indexes))]
        case .offset: [word(dice.pick(Self.offsets))]
        case .seconds: [word(relativeExpiry(scale: 1))]
        case .milliseconds: [word(relativeExpiry(scale: 1_000))]
        case .unixSeconds: [word(dice.pick(Self.unixSeconds))]
        case .unixMilliseconds: [word(dice.pick(Self.unixMilliseconds))]
        case .pattern: [globPattern()]
        case .listElement: [listElement()]
        case .sortElement, .number, .weightKey, .weightHash, .sortTarget, .sortPattern:
            [sortArgument(kind)]
        case .side: [word(dice.pick(Self.sides))]
        case .keyCount: [word(dice.pick(["1", "1", "2", "2", "3", "0", "-1", "x", "99"]))]
        case .timeout: [word(dice.pick(Self.timeouts))]
        case .database: [word(dice.pick(["0", "0", "0", "1", "2", "3", "-1", "15", "16", "x",
        "4"]))]
        case .word: [word(dice.pick(Self.words))]
        case .bit, .bitOffset, .bitIndex, .bitUnit, .bitOperation, .fieldType, .fieldOffset,
            .fieldOverflow:
            [bitArgument(kind)]
        case .counted, .elements, .registers: hyperLogLogArguments(kind)
        }
    }

    private static let indexes =
        ["0", "1", "2", "5", "43", "44", "100", "-1", "-2", "-5", "-100", "3000"] + hostileIndexes

    private static let hostileIndexes = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "x", "", "1.5", " 0",
    ]

    private static let offsets = [
        "0", "1", "3", "10", "43", "44", "100", "2000", "-1", "536870912", "536870911999",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "x", "", "1.0",
    ]

    private static let unixSeconds = [
        "4102444800", "4102444801", "4102448400", "9999999999", "1", "0", "-1", "1000000000",
        "9223372036854775807", "9223372036854775", "9223372036854776", "-9223372036854775808", "x",
    ]

    private static let unixMilliseconds = [
        "4102444800000", "4102444800001", "4102444801000", "9999999999999", "1", "0", "-1",
        "1000000000000", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "",
    ]

    private static let words = [
        "nonsense", "", "help", "GET", "SET", "on", "off", "default", "string", "maxmemory", "*",
        "id", "list", "count", "usage", "encoding", "a b", "line\nbreak", "name",
        "a-very-long-word-that-somebody-typed-where-a-short-one-was-meant", "appendonly",
        "databases",
    ]

    private static let sides = [
        "LEFT", "RIGHT", "left", "Right", "LEFT", "RIGHT", "left", "Right", "middle", "",
    ]

    private static let timeouts = [
        "0.001", "0.002", "1e-3", ".001", "0.0001", "0x.01", "-1", "-0.5", "x", "", " 1", "1 ",
        "nan", "inf", "-inf", "1e400", "1e18", "1,5", "18446744073709551615",
    ]

    private mutating func listElement() -> [UInt8] {
        dice.chance(70)
            ? word(dice.pick(["a", "b", "c", "1", "2", "01", "-1", "", "300", "70000", "10000000"]))
            : value()
    }

    private mutating func integer() -> String {
        dice.chance(60) ? "\(dice.number(in: -20...300))" : dice.pick(Self.numbers)
    }

    /// Far apart from one another, so that comparing two of them does not depend on the moment.
    private mutating func relativeExpiry(scale: Int) -> String {
        dice.chance(75)
            ? "\(dice.number(in: 100...5_000) * 100 * scale)"
            : dice.pick([
                "0", "-1", "-100", "9223372036854775807", "-9223372036854775808",
                "9223372036854775", "9223372036854776", "9223372036854775808", "x", "", "1.5", " 9",
            ])
    }

    /// An argument that no place expects; never a small positive number, which as an expiry would
    /// end a key at some moment of the test.
    mutating func hostile() -> [UInt8] {
        switch dice.below(4) {
        case 0: word(dice.pick(["-1", "9223372036854775808", "1.0", "0x10", " 1", "nan", "inf"]))
        case 1: []
        case 2: word(dice.pick(["nonsense", "NX", "XX", "GET", "PERSIST", "LEN", "IDX", "KEEPTTL"]))
        default: [0, 255, 13, 10]
        }
    }

    mutating func value() -> [UInt8] {
        switch dice.below(12) {
        case 0...2: return word("\(dice.number(in: -1_000...20_000))")
        case 3: return word(dice.pick(Self.numbers))
        case 4: return word(dice.pick(Self.floats))
        case 5: return dice.bytes(count: dice.below(80))
        case 6:
            let count = dice.pick([0, 1, 19, 20, 21, 43, 44, 45, 63, 64, 65, 254, 255, 256])
            return Array(repeating: 0x76, count: count)
        case 7: return word(dice.pick(["ohmytext", "mynewtext", "abcabcabba", "cbabac"]))
        case 8 where dice.chance(30):
            return dice.bytes(count: dice.pick([1_023, 1_024, 4_096, 16_384, 70_000]))
        default:
            return (0..<dice.below(30)).map { _ in UInt8(97 + dice.below(4)) }
        }
    }

    mutating func globPattern() -> [UInt8] {
        word(dice.pick([
            "*", "a*", "?", "", "key:[0-9]", "key:[^1]", "[a-c]", "{*}*", "*1*", "[Kk]ey:1", "\\*",
            "h\\?llo", "[", "[a", "[^", "a\\", "**", "*?*", "[z-a]", "[a-", "key:?", "[]", "[^]",
            "user:*:*", "*:*", "nothing",
        ]))
    }
}
