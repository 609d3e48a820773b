import TestSupport

/// What a server holds, to be compared with what it held before.
enum Contents {
    /// Every key with its value and deadline, sorted.
    static func read(
        _ client: RespConnection, where isWanted: (String) -> Bool = { _ in true }
    ) throws -> [String] {
        guard case .array(let keys) = try client.call("KEYS", "*") else { return [] }
        return try keys.compactMap(\.text).filter(isWanted).map { name in
            let type = try client.call("TYPE", name).text ?? ""
            let value: Reply =
                switch type {
                case "list": try client.call("LRANGE", name, "0", "-1")
                // The order of a large one is another in each process.
                case "hash": .array(try fields(client, name))
                case "set": try client.call("SORT", name, "ALPHA")
                case "zset": try client.call("ZRANGE", name, "0", "-1", "WITHSCORES")
                default: try client.call("GET", name)
                }
            let deadline = try client.call("PEXPIRETIME", name)
            return "\(name) \(type) \(value) \(deadline)"
        }.sorted()
    }

    private static func fields(_ client: RespConnection, _ name: String) throws -> [Reply] {
        guard case .array(let row) = try client.call("HGETALL", name) else { return [] }
        let pairs = stride(from: 0, to: row.count - 1, by: 2).map { (row[$0], row[$0 + 1]) }
        return pairs.sorted { ($0.0.text ?? "") < ($1.0.text ?? "") }.flatMap { [$0, $1] }
    }
}
