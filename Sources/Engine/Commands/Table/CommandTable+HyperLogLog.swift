extension CommandTable {
    /// The rows of the HyperLogLog commands.
    static let hyperLogLogs: [Command] = [
        Command(
            .pfadd, "pfadd", arity: -2, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hyperLogLog, since: "2.8.9",
            complexity: "O(1) for each element",
            summary: "Adds elements to a HyperLogLog, creating it when missing."),
        Command(
            .pfcount, "pfcount", arity: -2, flags: [.readOnly],
            keys: .all, scope: .keys, group: .hyperLogLog, since: "2.8.9",
            complexity: "O(1) for a key whose count is known, O(N) for N keys together",
            summary: "Estimates how many different elements HyperLogLogs have seen."),
        Command(
            .pfdebug, "pfdebug", arity: 3, flags: [.write, .denyOutOfMemory, .admin],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .hyperLogLog,
            since: "2.8.9",
            complexity: "O(N), N the registers",
            summary: "Shows a HyperLogLog's registers or encoding, or makes it dense."),
        Command(
            .pfmerge, "pfmerge", arity: -2, flags: [.write, .denyOutOfMemory],
            keys: .all, scope: .keys, group: .hyperLogLog, since: "2.8.9",
            complexity: "O(N), N the HyperLogLogs",
            summary: "Merges HyperLogLogs into one."),
        Command(
            .pfselftest, "pfselftest", arity: 1, flags: [.admin],
            keys: .none, scope: .keys, group: .hyperLogLog, since: "2.8.9",
            complexity: "O(N), N the elements that are tried",
            summary: "Checks registers and estimates on made-up elements."),
    ]
}
