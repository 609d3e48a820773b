import BenchmarkSupport

/// Commands over large collections of several cores, and the turns that each takes on either.
struct SpreadCommand {
    let count: Int

    /// "a" and "b" stand for keys of the first and the second core.
    static let commands = [
        "SINTERSTORE a:to a:set b:set", "SUNIONSTORE b:to a:set b:set", "SUNION a:set b:set",
        "SDIFFSTORE b:to a:set b:set", "SINTERCARD 2 a:set b:set",
        "ZUNIONSTORE b:to 2 a:zset b:zset", "ZINTERSTORE a:to 2 a:zset b:zset",
        "COPY a:set b:to", "COPY b:hash a:to", "COPY a:zset b:to", "COPY b:list a:to",
        "RENAME a:to b:to", "RENAME b:to a:to", "SMOVE a:set b:set member:0000001",
        "LMOVE a:list b:list LEFT RIGHT", "SORT a:list ALPHA STORE b:to",
        "SORT b:set ALPHA STORE a:to", "SORT a:list BY x:* ALPHA", "SORT b:list BY nosort GET x:*",
        "SORT a:set BY x:* ALPHA GET # GET x:* STORE b:to", "COPY a:long b:to",
        "BITOP NOT b:to a:long",
        "MGET a:long b:long", "PFMERGE a:hll b:hll",
    ]

    func makeNode() -> (PureNode, [String]) {
        let node = PureNode(coreCount: 2)
        let tags = (0..<2).map { core in
            (0...).lazy.map { "{\($0)}" }.first { node.owner(of: $0) == core } ?? ""
        }
        for first in stride(from: 0, to: count, by: 250) {
            let numbers = first..<min(first + 250, count)
            for (core, tag) in tags.enumerated() {
                let members = numbers.map { LongCommand.member($0 + core * count / 2) }
                let all = members.joined(separator: " ")
                let pairs = zip(numbers, members).map { "\($0) \($1)" }.joined(separator: " ")
                let fields = members.map { "\($0) value" }.joined(separator: " ")
                Self.send("SADD set\(tag) \(all)", node)
                Self.send("HSET hash\(tag) \(fields)", node)
                Self.send("ZADD zset\(tag) \(pairs)", node)
                Self.send("RPUSH list\(tag) \(all)", node)
                Self.send("PFADD hll\(tag) \(all)", node)
            }
        }
        for tag in tags { Self.send("SETRANGE long\(tag) \(32 << 20) x", node) }
        return (node, tags)
    }

    private static func send(_ command: String, _ node: PureNode) {
        var requests = RequestText()
        requests.appendInline(made: command)
        node.send(requests.bytes(0, requests.count))
    }

    /// The longest and the mean turn, and how many there were.
    func run(_ command: String, _ node: PureNode, _ tags: [String]) -> (UInt64, UInt64, Int) {
        let words = command.split(separator: " ").map { word in
            if word.hasPrefix("a:") { return word.dropFirst(2) + tags[0] }
            if word.hasPrefix("b:") { return word.dropFirst(2) + tags[1] }
            return word
        }
        if command.hasPrefix("RENAME a") { Self.send("COPY set\(tags[0]) to\(tags[0])", node) }
        if command.hasPrefix("RENAME b") { Self.send("COPY zset\(tags[1]) to\(tags[1])", node) }
        node.forgetTurns()
        Self.send(words.joined(separator: " "), node)
        let result = (node.longest, node.total / UInt64(max(node.turnCount, 1)), node.turnCount)
        Self.send("DEL to\(tags[0]) to\(tags[1])", node)
        return result
    }
}
