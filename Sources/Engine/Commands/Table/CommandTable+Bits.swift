extension CommandTable {
    /// The rows of the commands on a string's bits.
    static let bits: [Command] = [
        Command(
            .bitcount, "bitcount", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .bitmap, since: "2.6.0",
            complexity: "O(N), N the bytes looked at",
            summary: "Counts the bits that are set in a string or a part of it."),
        Command(
            .bitfield, "bitfield", arity: -2, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .bitmap, since: "3.2.0",
            complexity: "O(1) for each subcommand",
            summary: "Reads and changes integers of any width inside a string."),
        Command(
            .bitfieldReadOnly, "bitfield_ro", arity: -2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .bitmap, since: "6.0.0",
            complexity: "O(1) for each subcommand",
            summary: "Reads integers of any width inside a string."),
        Command(
            .bitop, "bitop", arity: -4, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 2, last: -1, step: 1), scope: .keys, group: .bitmap,
            since: "2.6.0",
            complexity: "O(N), N the bytes of all strings",
            summary: "Combines strings bit by bit and stores the result."),
        Command(
            .bitpos, "bitpos", arity: -3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .bitmap, since: "2.8.7",
            complexity: "O(N), N the bytes looked at",
            summary: "Finds the first bit that is set, or not set, in a string."),
        Command(
            .getbit, "getbit", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .bitmap, since: "2.2.0",
            complexity: "O(1)",
            summary: "Returns a bit of a string."),
        Command(
            .setbit, "setbit", arity: 4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .bitmap, since: "2.2.0",
            complexity: "O(1), not counting the zeros that a longer string gets",
            summary: "Sets or clears a bit of a string and returns what it was."),
    ]
}
