import TestSupport
import Testing

extension Script {
    /// A script written down: one call per line as its words, `n>` in front for another connection
    /// than the first.
    init(_ lines: [String], protocolVersion: Int) {
        let steps = lines.map { line in
            let parts = line.split(separator: "> ", maxSplits: 1)
            guard parts.count == 2, let connection = Int(parts[0]) else {
                return Step.call(0, Call(words: line))
            }
            return Step.call(connection, Call(words: String(parts[1])))
        }
        self.init(steps: steps, protocolVersion: protocolVersion)
    }
}

extension ServerPair {
    /// Plays written scripts, each from an empty keyspace, in both protocols; every difference is
    /// an issue of the test.
    func compare(_ scripts: [[String]]) throws {
        for lines in scripts {
            for version in [2, 3] {
                let script = Script(lines, protocolVersion: version)
                if let difference = try Replayer(pair: self).firstDifference(script) {
                    let text = lines.map { "  \($0)" }.joined(separator: "\n")
                    Issue.record("RESP\(version):\n\(text)\n\(difference)\n")
                }
            }
        }
    }
}
