import RDB

/// How many keys of each type.
struct KeyCounts {
    private var counts: [PayloadType: Int] = [:]
    /// Of types that Gyre does not have, under their names.
    private var foreign: [ForeignType: Int] = [:]

    /// Of types that Gyre has.
    var known: Int { counts.values.reduce(0, +) }
    /// Of types that Gyre does not have.
    var unknown: Int { foreign.values.reduce(0, +) }

    mutating func count(_ type: PayloadType) {
        counts[type, default: 0] += 1
    }

    mutating func count(_ type: ForeignType) {
        foreign[type, default: 0] += 1
    }

    /// "3 strings, 1 list".
    var text: String {
        let names: [(PayloadType, String, String)] = [
            (.string, "string", "strings"), (.list, "list", "lists"), (.set, "set", "sets"),
            (.sortedSet, "sorted set", "sorted sets"), (.hash, "hash", "hashes"),
        ]
        return names.compactMap { type, one, many in
            counts[type].map { "\($0) \($0 == 1 ? one : many)" }
        }.joined(separator: ", ")
    }

    /// As ``text``, of types that Gyre does not have.
    var foreignText: String {
        let names: [(ForeignType, String, String)] = [
            (.stream, "stream", "streams"),
            (.module, "value of a module", "values of modules"),
            (.other, "value of an unknown type", "values of unknown types"),
        ]
        return names.compactMap { type, one, many in
            foreign[type].map { "\($0) \($0 == 1 ? one : many)" }
        }.joined(separator: ", ")
    }
}
