extension CommandTable {
    /// The rows of the commands over keys of any type.
    static let keys: [Command] = [
        Command(
            .copy, "copy", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .generic, since: "6.2.0",
            complexity: "O(N), N the size of the value",
            summary: "Copies the value of a key to another key."),
        Command(
            .del, "del", arity: -2, flags: [.write],
            keys: .all, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(N), N the keys named, and the elements of their values",
            summary: "Deletes keys."),
        Command(
            .dump, "dump", arity: 2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .generic, since: "2.6.0",
            complexity: "O(N), N the size of the value",
            summary: "Returns a key's value in the format that RESTORE reads."),
        Command(
            .exists, "exists", arity: -2, flags: [.readOnly, .fast],
            keys: .all, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(N), N the keys named",
            summary: "Counts those of the keys named that are there."),
        Command(
            .expire, "expire", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Lets a key expire after seconds."),
        Command(
            .expireat, "expireat", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .generic, since: "1.2.0",
            complexity: "O(1)",
            summary: "Lets a key expire at a Unix time in seconds."),
        Command(
            .expiretime, "expiretime", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .generic, since: "7.0.0",
            complexity: "O(1)",
            summary: "Returns the Unix time in seconds at which a key expires."),
        Command(
            .keys, "keys", arity: 2, flags: [.readOnly],
            scope: .node, group: .generic, since: "1.0.0",
            complexity: "O(N), N the keys in the server",
            summary: "Lists the keys that match a pattern."),
        Command(
            .persist, "persist", arity: 2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .generic, since: "2.2.0",
            complexity: "O(1)",
            summary: "Lets a key stay for good."),
        Command(
            .pexpire, "pexpire", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .generic, since: "2.6.0",
            complexity: "O(1)",
            summary: "Lets a key expire after milliseconds."),
        Command(
            .pexpireat, "pexpireat", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .generic, since: "2.6.0",
            complexity: "O(1)",
            summary: "Lets a key expire at a Unix time in milliseconds."),
        Command(
            .pexpiretime, "pexpiretime", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .generic, since: "7.0.0",
            complexity: "O(1)",
            summary: "Returns the Unix time in milliseconds at which a key expires."),
        Command(
            .pttl, "pttl", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .generic, since: "2.6.0",
            complexity: "O(1)",
            summary: "Returns the milliseconds that a key has left."),
        Command(
            .randomkey, "randomkey", arity: 1, flags: [.readOnly],
            scope: .node, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns a key picked at random."),
        Command(
            .rename, "rename", arity: 3, flags: [.write],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Gives a key another name, replacing what has it."),
        Command(
            .renamenx, "renamenx", arity: 3, flags: [.write, .fast],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Gives a key another name, provided that it is free."),
        Command(
            .restore, "restore", arity: -4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .generic, since: "2.6.0",
            complexity: "O(N), N the size of the value; O(N*log(N)) of a sorted set",
            summary: "Makes a key of what DUMP returned."),
        Command(
            .scan, "scan", arity: -2, flags: [.readOnly],
            scope: .node, group: .generic, since: "2.8.0",
            complexity: "O(1) per call, O(N) for all keys",
            summary: "Walks over all keys, some at a time."),
        Command(
            .sort, "sort", arity: -2, flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .firstAndSorted, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(N*log(N)), N the elements; O(N) where they are not sorted",
            summary: "Returns or stores the elements of a list, set or sorted set in order."),
        Command(
            .sortReadOnly, "sort_ro", arity: -2, flags: [.readOnly, .movableKeys],
            keys: .first, scope: .keys, group: .generic, since: "7.0.0",
            complexity: "O(N*log(N)), N the elements; O(N) where they are not sorted",
            summary: "Returns the elements of a list, set or sorted set in order."),
        Command(
            .touch, "touch", arity: -2, flags: [.readOnly, .fast],
            keys: .all, scope: .keys, group: .generic, since: "3.2.1",
            complexity: "O(N), N the keys named",
            summary: "Marks keys as used and counts those there."),
        Command(
            .ttl, "ttl", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns the seconds that a key has left."),
        Command(
            .type, "type", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .generic, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns the type of a key's value."),
        Command(
            .unlink, "unlink", arity: -2, flags: [.write, .fast],
            keys: .all, scope: .keys, group: .generic, since: "4.0.0",
            complexity: "O(N), N the keys named",
            summary: "Deletes keys; their memory is given back later."),
        Command(
            .object, "object", arity: -2, flags: [.container],
            scope: .node, group: .generic, since: "2.2.3",
            complexity: "O(1)",
            summary: "Tells how values are held."),
        Command(
            .objectEncoding, "object|encoding", arity: 3, flags: [.readOnly],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .generic, since: "2.2.3",
            complexity: "O(1)",
            summary: "Returns the encoding in which a value is held."),
        Command(
            .objectFreq, "object|freq", arity: 3, flags: [.readOnly],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .generic, since: "4.0.0",
            complexity: "O(1)",
            summary: "Returns how often a key is used, under an LFU policy."),
        Command(
            .objectHelp, "object|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .generic, since: "6.2.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .objectIdleTime, "object|idletime", arity: 3, flags: [.readOnly],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .generic, since: "2.2.3",
            complexity: "O(1)",
            summary: "Returns the seconds since a key was used."),
        Command(
            .objectReferenceCount, "object|refcount", arity: 3, flags: [.readOnly],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .generic, since: "2.2.3",
            complexity: "O(1)",
            summary: "Returns how many references a value has."),
        Command(
            .wait, "wait", arity: 3, flags: [.noScript],
            scope: .node, group: .generic, since: "3.0.0",
            complexity: "O(1)",
            summary: "Waits until replicas have acknowledged this connection's writes."),
    ]
}
