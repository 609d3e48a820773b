extension CallPatterns {
    /// Only what Redis leaves no choice in: elements that compare as equal come in the order of a
    /// list, but in none that is known of a hash table, nor where LIMIT asks for a part of them.
    ///
    /// Redis makes a large sorted set of a small one that it sorts, so here all are large.
    static let sorting = [
        "!RPUSH list {sortElement}+",
        "!RPUSH list {sortElement}+",
        "!RPUSH numbers {number}+",
        "!SADD set {sortElement}+",
        "!SADD integers {number}+",
        "!ZADD sorted {index} {number} 5 \(longMember)",
        "!ZADD sorted {score} {sortElement} 5 \(longMember)",
        "!SET {weightKey} {number}",
        "!SET {weightKey} {sortElement}",
        "!HSET {weightHash} f {number} g {sortElement}",
        "!DEL {weightKey}",
        "SORT list ALPHA [DESC]",
        "SORT list [LIMIT {index} {index}] [DESC] [ASC]",
        "SORT list [ALPHA] [DESC] [STORE {sortTarget}]",
        "SORT numbers [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT numbers BY w_* [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT numbers BY h_*->f [DESC] [GET {sortPattern}] [GET {sortPattern}] [STORE numbers]",
        "!SORT numbers BY w_* ALPHA [DESC] [GET #]",
        "!SORT numbers BY {sortPattern} [DESC] [GET #]",
        "!SORT integers [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT integers BY w_* [LIMIT {index} {index}] [DESC] [STORE {sortTarget}]",
        "!SORT set ALPHA [LIMIT {index} {index}] [DESC] [GET {sortPattern}] [STORE {sortTarget}]",
        "!SORT set BY nosort [LIMIT {index} {index}] [DESC] [GET {sortPattern}] STORE stored",
        "!SORT sorted BY nosort [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT sorted BY nosort [DESC] [GET {sortPattern}] STORE stored",
        "!SORT sorted ALPHA [LIMIT {index} {index}] [GET #] [GET {sortPattern}]",
        "!SORT list BY nosort [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT_RO numbers BY w_* [LIMIT {index} {index}] [DESC] [GET #] [GET {sortPattern}]",
        "!SORT_RO integers [LIMIT {index} {index}] [DESC] [GET {sortPattern}]",
        "SORT_RO list ALPHA [STORE stored] [LIMIT {index} {index}]",
        "SORT list [STORE] [LIMIT {index}] [BY] [GET]",
        "SORT {weightKey} [ALPHA]",
        "!MULTI",
        "!EXEC",
        "WATCH stored",
        "LRANGE stored 0 -1",
        "LRANGE {sortTarget} 0 -1",
        "TYPE {sortTarget}",
        "!LTRIM list -6 -1",
        "!LTRIM numbers -6 -1",
        "!DEL set integers sorted",
        "EXPIRE stored {seconds}",
        "TTL stored",
    ].map(CallPattern.init)

    private static let longMember = String(repeating: "long", count: 20)
}

extension CallGenerator {
    private static let weights = ["1", "2", "3", "-4", "10", "1.5", "0.25", "200", "3e2", "07"]

    /// The arguments of kinds about SORT.
    mutating func sortArgument(_ kind: ArgumentKind) -> [UInt8] {
        switch kind {
        case .sortElement:
            word(dice.pick(["a", "b", "c", "1", "2", "10", "-1", "", "B", "nan", "0x10", " 7"]))
        case .number: word(dice.pick(Self.weights))
        case .weightKey: word("w_" + dice.pick(Self.weights + ["a", "b", ""]))
        case .weightHash: word("h_" + dice.pick(Self.weights + ["a", "b"]))
        case .sortTarget: word(dice.pick(["stored", "stored", "list", "w_1"]))
        default:
            word(dice.pick(["w_*", "h_*->f", "h_*->g", "h_*->x", "h_*->", "none", "*", "w_*->f"]))
        }
    }
}
