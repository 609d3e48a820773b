extension CommandTable {
    /// The rows of the commands over sets.
    static let sets: [Command] = [
        Command(
            .sadd, "sadd", arity: -3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members named",
            summary: "Adds members to a set, creating it when missing."),
        Command(
            .scard, "scard", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns how many members a set has."),
        Command(
            .sdiff, "sdiff", arity: -2, flags: [.readOnly],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members of all sets",
            summary: "Returns the members of a set that no other of the sets has."),
        Command(
            .sdiffstore, "sdiffstore", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members of all sets",
            summary: "Stores the members of a set that no other of the sets has."),
        Command(
            .sinter, "sinter", arity: -2, flags: [.readOnly],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N*M), N the members of the smallest set, M the sets",
            summary: "Returns the members that all of the sets have."),
        Command(
            .sintercard, "sintercard", arity: -3, flags: [.readOnly, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .set, since: "7.0.0",
            complexity: "O(N*M), N the members of the smallest set, M the sets",
            summary: "Counts the members that all of the sets have."),
        Command(
            .sinterstore, "sinterstore", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N*M), N the members of the smallest set, M the sets",
            summary: "Stores the members that all of the sets have."),
        Command(
            .sismember, "sismember", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(1)",
            summary: "Tells whether a set has a member."),
        Command(
            .smembers, "smembers", arity: 2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members",
            summary: "Returns all members of a set."),
        Command(
            .smismember, "smismember", arity: -3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .set, since: "6.2.0",
            complexity: "O(N), N the members named",
            summary: "Tells of several members whether a set has them."),
        Command(
            .smove, "smove", arity: 4, flags: [.write, .fast],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(1)",
            summary: "Moves a member from one set to another."),
        Command(
            .spop, "spop", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members returned",
            summary: "Returns members picked at random and removes them."),
        Command(
            .srandmember, "srandmember", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members returned",
            summary: "Returns members picked at random."),
        Command(
            .srem, "srem", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members named",
            summary: "Removes members from a set."),
        Command(
            .sscan, "sscan", arity: -3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .set, since: "2.8.0",
            complexity: "O(1) per call, O(N) for all members",
            summary: "Walks over the members of a set, some at a time."),
        Command(
            .sunion, "sunion", arity: -2, flags: [.readOnly],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members of all sets",
            summary: "Returns the members that any of the sets has."),
        Command(
            .sunionstore, "sunionstore", arity: -3, flags: [.write, .denyOutOfMemory],
            keys: .all, scope: .keys, group: .set, since: "1.0.0",
            complexity: "O(N), N the members of all sets",
            summary: "Stores the members that any of the sets has."),
    ]
}
