extension CommandTable {
    /// The rows of the commands over sorted sets.
    static let sortedSets: [Command] = [
        Command(
            .zadd, "zadd", arity: -4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(log N) for each member named, N the members",
            summary: "Adds members to a sorted set or changes their scores."),
        Command(
            .zcard, "zcard", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(1)",
            summary: "Returns how many members a sorted set has."),
        Command(
            .zcount, "zcount", arity: 4, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(log N), N the members",
            summary: "Counts the members in a range of scores."),
        Command(
            .zdiff, "zdiff", arity: -3, flags: [.readOnly, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(L + N log N), L the members of all sets, N those returned",
            summary: "Returns the members of a sorted set that no other of the sets has."),
        Command(
            .zdiffstore, "zdiffstore", arity: -4, flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .targetAndCounted, scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(L + N log N), L the members of all sets, N those stored",
            summary: "Stores the members of a sorted set that no other of the sets has."),
        Command(
            .zincrby, "zincrby", arity: 4, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(log N), N the members",
            summary: "Raises the score of a member by a number."),
        Command(
            .zinter, "zinter", arity: -3, flags: [.readOnly, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(N*K + M log M), N the smallest of K sets, M the members returned",
            summary: "Returns the members that all of the sorted sets have."),
        Command(
            .zintercard, "zintercard", arity: -3, flags: [.readOnly, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .sortedSet, since: "7.0.0",
            complexity: "O(N*K), N the members of the smallest of K sets",
            summary: "Counts the members that all of the sorted sets have."),
        Command(
            .zinterstore, "zinterstore", arity: -4, flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .targetAndCounted, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(N*K + M log M), N the smallest of K sets, M the members stored",
            summary: "Stores the members that all of the sorted sets have."),
        Command(
            .zlexcount, "zlexcount", arity: 4, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.8.9",
            complexity: "O(log N), N the members",
            summary: "Counts the members in a range of bytes."),
        Command(
            .zmpop, "zmpop", arity: -4, flags: [.write, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .sortedSet, since: "7.0.0",
            complexity: "O(K + M log N), K the keys named, M the members returned of N",
            summary: "Pops members from the first sorted set that has any."),
        Command(
            .zmscore, "zmscore", arity: -3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(N), N the members named",
            summary: "Returns the scores of several members."),
        Command(
            .zpopmax, "zpopmax", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "5.0.0",
            complexity: "O(M log N), M the members returned of N",
            summary: "Removes the members of the highest scores and returns them."),
        Command(
            .zpopmin, "zpopmin", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "5.0.0",
            complexity: "O(M log N), M the members returned of N",
            summary: "Removes the members of the lowest scores and returns them."),
        Command(
            .zrandmember, "zrandmember", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(N), N the members returned",
            summary: "Returns members picked at random."),
        Command(
            .zrange, "zrange", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns a range of members, by rank, score or bytes."),
        Command(
            .zrangebylex, "zrangebylex", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.8.9",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns the members in a range of bytes."),
        Command(
            .zrangebyscore, "zrangebyscore", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.0.5",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns the members in a range of scores."),
        Command(
            .zrangestore, "zrangestore", arity: -5, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .sortedSet,
            since: "6.2.0",
            complexity: "O(log N + M log M), M the members stored of N",
            summary: "Stores a range of a sorted set's members."),
        Command(
            .zrank, "zrank", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(log N), N the members",
            summary: "Returns how many members come before one."),
        Command(
            .zrem, "zrem", arity: -3, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(M log N), M the members named, N all",
            summary: "Removes members from a sorted set."),
        Command(
            .zremrangebylex, "zremrangebylex", arity: 4, flags: [.write],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.8.9",
            complexity: "O(log N + M), M the members removed of N",
            summary: "Removes the members in a range of bytes."),
        Command(
            .zremrangebyrank, "zremrangebyrank", arity: 4, flags: [.write],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(log N + M), M the members removed of N",
            summary: "Removes the members in a range of ranks."),
        Command(
            .zremrangebyscore, "zremrangebyscore", arity: 4, flags: [.write],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(log N + M), M the members removed of N",
            summary: "Removes the members in a range of scores."),
        Command(
            .zrevrange, "zrevrange", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns a range of members, from the highest score down."),
        Command(
            .zrevrangebylex, "zrevrangebylex", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.8.9",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns the members in a range of bytes, from the last down."),
        Command(
            .zrevrangebyscore, "zrevrangebyscore", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.2.0",
            complexity: "O(log N + M), M the members returned of N",
            summary: "Returns the members in a range of scores, from the highest down."),
        Command(
            .zrevrank, "zrevrank", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(log N), N the members",
            summary: "Returns how many members come behind one."),
        Command(
            .zscan, "zscan", arity: -3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .sortedSet, since: "2.8.0",
            complexity: "O(1) per call, O(N) for all members",
            summary: "Walks over the members and scores of a sorted set, some at a time."),
        Command(
            .zscore, "zscore", arity: 3, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .sortedSet, since: "1.2.0",
            complexity: "O(1)",
            summary: "Returns the score of a member."),
        Command(
            .zunion, "zunion", arity: -3, flags: [.readOnly, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .sortedSet, since: "6.2.0",
            complexity: "O(N + M log M), N the members of all sets, M those returned",
            summary: "Returns the members that any of the sorted sets has."),
        Command(
            .zunionstore, "zunionstore", arity: -4, flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .targetAndCounted, scope: .keys, group: .sortedSet, since: "2.0.0",
            complexity: "O(N + M log M), N the members of all sets, M those stored",
            summary: "Stores the members that any of the sorted sets has."),
        Command(
            .bzmpop, "bzmpop", arity: -5, flags: [.write, .blocking, .movableKeys],
            keys: .counted(at: 2, first: 3), scope: .keys, group: .sortedSet, since: "7.0.0",
            complexity: "O(K + M log N), K the keys named, M the members returned of N",
            summary: "Pops members from the first sorted set that has any, waiting if none has."),
        Command(
            .bzpopmax, "bzpopmax", arity: -3, flags: [.write, .noScript, .blocking, .fast],
            keys: .range(first: 1, last: -2, step: 1), scope: .keys, group: .sortedSet,
            since: "5.0.0",
            complexity: "O(log N), N the members",
            summary: "Pops the highest member of the first sorted set, waiting if there is none."),
        Command(
            .bzpopmin, "bzpopmin", arity: -3, flags: [.write, .noScript, .blocking, .fast],
            keys: .range(first: 1, last: -2, step: 1), scope: .keys, group: .sortedSet,
            since: "5.0.0",
            complexity: "O(log N), N the members",
            summary: "Pops the lowest member of the first sorted set, waiting if there is none."),
    ]
}
