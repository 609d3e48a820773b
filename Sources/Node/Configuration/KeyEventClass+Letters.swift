import Engine

extension KeyEventClass {
    /// Each class with its letter, in the order in which Redis shows them.
    private static let table: [(letter: Character, kind: KeyEventClass)] = [
        ("g", .generic), ("$", .string), ("l", .list), ("s", .set), ("h", .hash),
        ("z", .sortedSet), ("x", .expired), ("e", .evicted), ("t", .stream), ("d", .module),
        ("n", .new), ("K", .onKeyChannel), ("E", .onEventChannel), ("m", .keyMiss),
    ]

    /// The classes that a value of notify-keyspace-events names; nil where a letter is none.
    init?(letters: String) {
        self = []
        for letter in letters {
            if letter == "A" {
                formUnion(.all)
            } else if let row = Self.table.first(where: { $0.letter == letter }) {
                insert(row.kind)
            } else {
                return nil
            }
        }
    }

    /// The letters of these classes, "A" standing for all that it stands for.
    var letters: String {
        var letters = isSuperset(of: .all) ? "A" : ""
        let left = isSuperset(of: .all) ? subtracting(.all) : self
        for row in Self.table where left.contains(row.kind) { letters.append(row.letter) }
        return letters
    }

    /// As ``letters``, but as CONFIG GET shows them: with an "A", Redis 7.0 leaves out the "n".
    var shownLetters: String {
        isSuperset(of: .all) ? subtracting(.new).letters : letters
    }
}
