extension CommandTable {
    /// The rows of the hash commands.
    static let hashes: [Command] = [
        Command(
            .hdel, "hdel", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields named",
            summary: "Deletes fields, and the hash with its last one."),
        Command(
            .hexists, "hexists", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(1)",
            summary: "Tells whether a hash has a field."),
        Command(
            .hget, "hget", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(1)",
            summary: "Returns the value of a field."),
        Command(
            .hgetall, "hgetall", arity: 2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields of the hash",
            summary: "Returns all fields with their values."),
        Command(
            .hincrby, "hincrby", arity: 4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(1)",
            summary: "Raises the integer at a field by a number."),
        Command(
            .hincrbyfloat, "hincrbyfloat", arity: 4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.6.0",
            complexity: "O(1)",
            summary: "Raises the decimal number at a field by another."),
        Command(
            .hkeys, "hkeys", arity: 2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields of the hash",
            summary: "Returns all fields."),
        Command(
            .hlen, "hlen", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(1)",
            summary: "Returns how many fields a hash has."),
        Command(
            .hmget, "hmget", arity: -3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields named",
            summary: "Returns the values of several fields."),
        Command(
            .hmset, "hmset", arity: -4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields named",
            summary: "Sets several fields; the old form of HSET."),
        Command(
            .hrandfield, "hrandfield", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .hash, since: "6.2.0",
            complexity: "O(N), N the fields returned",
            summary: "Returns fields picked at random."),
        Command(
            .hscan, "hscan", arity: -3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .hash, since: "2.8.0",
            complexity: "O(1) per call, O(N) for all fields",
            summary: "Walks over the fields of a hash, some at a time."),
        Command(
            .hset, "hset", arity: -4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields named",
            summary: "Sets fields, creating the hash when missing."),
        Command(
            .hsetnx, "hsetnx", arity: 4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(1)",
            summary: "Sets a field, provided that it is not there."),
        Command(
            .hstrlen, "hstrlen", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .hash, since: "3.2.0",
            complexity: "O(1)",
            summary: "Returns the length of a field's value."),
        Command(
            .hvals, "hvals", arity: 2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .hash, since: "2.0.0",
            complexity: "O(N), N the fields of the hash",
            summary: "Returns the values of all fields."),
    ]
}
