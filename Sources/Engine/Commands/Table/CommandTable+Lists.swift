extension CommandTable {
    /// The rows of the commands over lists.
    static let lists: [Command] = [
        Command(
            .blmove, "blmove", arity: 6, flags: [.write, .denyOutOfMemory, .noScript, .blocking],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .list, since: "6.2.0",
            complexity: "O(1)",
            summary: "Moves an element from one list to another, waiting if there is none."),
        Command(
            .blmpop, "blmpop", arity: -5, flags: [.write, .blocking, .movableKeys],
            keys: .counted(at: 2, first: 3), scope: .keys, group: .list, since: "7.0.0",
            complexity: "O(N+M), N the keys named, M the elements returned",
            summary: "Pops elements from the first list that has any, waiting if none has."),
        Command(
            .blpop, "blpop", arity: -3, flags: [.write, .noScript, .blocking],
            keys: .range(first: 1, last: -2, step: 1), scope: .keys, group: .list, since: "2.0.0",
            complexity: "O(N), N the keys named",
            summary: "Pops the first element of the first list that has any, waiting if none has."),
        Command(
            .brpop, "brpop", arity: -3, flags: [.write, .noScript, .blocking],
            keys: .range(first: 1, last: -2, step: 1), scope: .keys, group: .list, since: "2.0.0",
            complexity: "O(N), N the keys named",
            summary: "Pops the last element of the first list that has any, waiting if none has."),
        Command(
            .brpoplpush, "brpoplpush", arity: 4,
            flags: [.write, .denyOutOfMemory, .noScript, .blocking],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .list, since: "2.2.0",
            complexity: "O(1)",
            summary: "Moves a list's last element to another's head, waiting if there is none."),
        Command(
            .lindex, "lindex", arity: 3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements between the index and the nearer end",
            summary: "Returns an element of a list by its index."),
        Command(
            .linsert, "linsert", arity: 5, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .list, since: "2.2.0",
            complexity: "O(N), N the elements before the pivot",
            summary: "Inserts an element before or after another one."),
        Command(
            .llen, "llen", arity: 2, flags: [.readOnly, .fast],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns how many elements a list has."),
        Command(
            .lmove, "lmove", arity: 5, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .list, since: "6.2.0",
            complexity: "O(1)",
            summary: "Moves an element from one list to another."),
        Command(
            .lmpop, "lmpop", arity: -4, flags: [.write, .movableKeys],
            keys: .counted(at: 1, first: 2), scope: .keys, group: .list, since: "7.0.0",
            complexity: "O(N+M), N the keys named, M the elements returned",
            summary: "Pops elements from the first list that has any."),
        Command(
            .lpop, "lpop", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements returned",
            summary: "Removes the first elements of a list and returns them."),
        Command(
            .lpos, "lpos", arity: -3, flags: [.readOnly],
            keys: .first, scope: .keys, group: .list, since: "6.0.6",
            complexity: "O(N), N the elements of the list",
            summary: "Finds where an element is in a list."),
        Command(
            .lpush, "lpush", arity: -3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements named",
            summary: "Puts elements before the first of a list, creating it when missing."),
        Command(
            .lpushx, "lpushx", arity: -3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .list, since: "2.2.0",
            complexity: "O(N), N the elements named",
            summary: "Puts elements before the first of a list, provided that there is one."),
        Command(
            .lrange, "lrange", arity: 4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(S+N), S the elements up to the nearer end, N those returned",
            summary: "Returns a range of a list."),
        Command(
            .lrem, "lrem", arity: 4, flags: [.write],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements of the list",
            summary: "Removes elements that equal a value."),
        Command(
            .lset, "lset", arity: 4, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements between the index and the nearer end",
            summary: "Replaces an element of a list."),
        Command(
            .ltrim, "ltrim", arity: 4, flags: [.write],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements removed",
            summary: "Removes all elements of a list but a range."),
        Command(
            .rpop, "rpop", arity: -2, flags: [.write, .fast],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements returned",
            summary: "Removes the last elements of a list and returns them."),
        Command(
            .rpoplpush, "rpoplpush", arity: 3, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .list, since: "1.2.0",
            complexity: "O(1)",
            summary: "Moves the last element of a list to the head of another."),
        Command(
            .rpush, "rpush", arity: -3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .list, since: "1.0.0",
            complexity: "O(N), N the elements named",
            summary: "Puts elements behind the last of a list, creating it when missing."),
        Command(
            .rpushx, "rpushx", arity: -3, flags: [.write, .denyOutOfMemory, .fast],
            keys: .first, scope: .keys, group: .list, since: "2.2.0",
            complexity: "O(N), N the elements named",
            summary: "Puts elements behind the last of a list, provided that there is one."),
    ]
}
