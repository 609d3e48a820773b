/// Finds what a mistyped name was meant to be.
enum Spelling {
    /// A name further away than this many edits is a different name, not a slip.
    private static let distanceMax = 2

    /// The candidate nearest to `name`, the first of equals, or nil when none is near.
    static func findNearest(to name: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (name: $0, distance: distance(name, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= distanceMax ? best.name : nil
    }

    /// Insertions, deletions and replacements between two names (Levenshtein's distance).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
