import TestSupport

extension CallGenerator {
    /// An argument of the commands over sorted sets and places.
    mutating func sortedSetArguments(_ kind: ArgumentKind) -> [[UInt8]] {
        switch kind {
        case .score: return [word(score())]
        case .scorePair: return [word(score()), sortedMember()]
        case .zmember: return [sortedMember()]
        case .scoreBound: return [word(dice.pick(Self.scoreBounds))]
        case .bytesBound: return [word(dice.pick(Self.bytesBounds))]
        case .point: return point()
        case .place: return point() + [sortedMember()]
        case .distance: return [word(dice.pick(Self.distances))]
        default: return [word(dice.pick(Self.units))]
        }
    }

    private static let scores = [
        "0", "1", "1", "2", "3", "5", "10", "-1", "1.5", "0.1", "-2.5", "3.14159", "1e3", "inf",
        "-inf", "-0", "123456789012345678", "9007199254740993", "1e-7", "1e300",
    ]

    private static let scoreBounds =
        scores + ["(0", "(1", "(1.5", "(inf", "-inf", "+inf", "(", "", " 1", "(x", "nan", "1e400"]

    private static let bytesBounds = [
        "-", "+", "-", "+", "[a", "(a", "[b", "(c", "[", "(", "[member:2", "(member:1", "[1", "(22",
        "a", "", "+x", "[\u{7f}",
    ]

    private static let distances = [
        "0", "1", "100", "200", "5000", "20000", "500000", "3e7", "0.5", "-1", "x", "nan", "1e-3",
    ]

    private static let units = ["m", "km", "KM", "ft", "mi", "km", "km", "yards", ""]

    private static let sortedMembers = [
        "a", "b", "c", "d", "1", "2", "22", "-5", "member:1", "member:2", "", "70000", "007",
        "a member that is longer than what fits into the small form of a sorted set, by a bit",
    ]

    private mutating func score() -> String {
        dice.chance(94) ? dice.pick(Self.scores) : dice.pick(Self.floats)
    }

    private mutating func sortedMember() -> [UInt8] {
        dice.chance(95)
            ? word(dice.pick(Array(Self.sortedMembers.prefix(11))))
            : word(dice.pick(Self.sortedMembers))
    }

    /// A longitude and a latitude: cities, places near the map's edges, none at all.
    private mutating func point() -> [[UInt8]] {
        let points = [
            ("13.361389", "38.115556"), ("15.087269", "37.502669"), ("2.349014", "48.864716"),
            ("-0.127758", "51.507351"), ("-74.005974", "40.712776"), ("151.209296", "-33.86882"),
            ("179.9", "0.1"), ("-179.9", "-0.1"), ("0", "0"), ("25.0", "84.9"), ("-70.5", "-66.5"),
            ("13.4", "38.1"), ("13.3", "38.2"), ("180", "85.05112878"), ("-180", "-85.05112878"),
            ("181", "0"), ("0", "86"), ("x", "1"), ("1", "nan"),
        ]
        let (longitude, latitude) = dice.chance(95)
            ? dice.pick(Array(points.prefix(13))) : dice.pick(points)
        return [word(longitude), word(latitude)]
    }
}
