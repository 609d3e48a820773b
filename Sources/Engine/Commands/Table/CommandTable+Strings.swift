extension CommandTable {
    /// The rows of the string commands.
    static let strings: [Command] = [
        Command(
            .append, "append", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "2.0.0",
            complexity: "O(1)",
            summary: "Appends bytes to a string, creating it when missing."),
        Command(
            .decr, "decr", arity: 2, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Lowers an integer by one."),
        Command(
            .decrby, "decrby", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Lowers an integer by a number."),
        Command(
            .get, "get", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns the string at a key."),
        Command(
            .getdel, "getdel", arity: 2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .string, since: "6.2.0",
            complexity: "O(1)",
            summary: "Returns the string at a key and deletes the key."),
        Command(
            .getex, "getex", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .string, since: "6.2.0",
            complexity: "O(1)",
            summary: "Returns the string at a key and changes when it expires."),
        Command(
            .getrange, "getrange", arity: 4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .string, since: "2.4.0",
            complexity: "O(N), N the bytes returned",
            summary: "Returns a part of a string."),
        Command(
            .getset, "getset", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Sets a string and returns the one before."),
        Command(
            .incr, "incr", arity: 2, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Raises an integer by one."),
        Command(
            .incrby, "incrby", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Raises an integer by a number."),
        Command(
            .incrbyfloat, "incrbyfloat", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "2.6.0",
            complexity: "O(1)",
            summary: "Raises a decimal number by another."),
        Command(
            .lcs, "lcs", arity: -3, flags: [.readOnly],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .string, since: "7.0.0",
            complexity: "O(N*M), N and M the lengths of the strings",
            summary: "Finds the longest common subsequence of two strings."),
        Command(
            .mget, "mget", arity: -2, flags: [.readOnly, .fast],
            keys: .all, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(N), N the keys named",
            summary: "Returns the strings at several keys."),
        Command(
            .mset, "mset", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: -1, step: 2), scope: .keys, group: .string, since: "1.0.1",
            complexity: "O(N), N the keys named",
            summary: "Sets several keys at once."),
        Command(
            .msetnx, "msetnx", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: -1, step: 2), scope: .keys, group: .string, since: "1.0.1",
            complexity: "O(N), N the keys named",
            summary: "Sets several keys at once, provided that none is there."),
        Command(
            .psetex, "psetex", arity: 4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .string, since: "2.6.0",
            complexity: "O(1)",
            summary: "Sets a string that expires after milliseconds."),
        Command(
            .set, "set", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Sets a key to a string, whatever it held."),
        Command(
            .setex, "setex", arity: 4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .string, since: "2.0.0",
            complexity: "O(1)",
            summary: "Sets a string that expires after seconds."),
        Command(
            .setnx, "setnx", arity: 3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(1)",
            summary: "Sets a string, provided that the key is not there."),
        Command(
            .setrange, "setrange", arity: 4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .string, since: "2.2.0",
            complexity: "O(1), not counting the copying of the bytes",
            summary: "Overwrites a part of a string."),
        Command(
            .strlen, "strlen", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .string, since: "2.2.0",
            complexity: "O(1)",
            summary: "Returns a string's length."),
        Command(
            .substr, "substr", arity: 4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .string, since: "1.0.0",
            complexity: "O(N), N the bytes returned",
            summary: "Returns a part of a string; the old name of GETRANGE."),
    ]
}
