extension CommandTable {
    /// The rows of the transaction commands.
    static let transactions: [Command] = [
        Command(
            .discard, "discard", arity: 1, flags: [.noScript, .loading, .stale, .fast, .allowBusy],
            scope: .node, group: .transactions, since: "2.0.0",
            complexity: "O(1)",
            summary: "Drops the queued commands."),
        Command(
            .exec, "exec", arity: 1, flags: [.noScript, .loading, .stale, .skipSlowlog],
            scope: .node, group: .transactions, since: "1.2.0",
            complexity: "As its commands",
            summary: "Runs the queued commands, all or none."),
        Command(
            .multi, "multi", arity: 1, flags: [.noScript, .loading, .stale, .fast, .allowBusy],
            scope: .node, group: .transactions, since: "1.2.0",
            complexity: "O(1)",
            summary: "Begins to queue commands."),
        Command(
            .unwatch, "unwatch", arity: 1, flags: [.noScript, .loading, .stale, .fast, .allowBusy],
            scope: .node, group: .transactions, since: "2.2.0",
            complexity: "O(1)",
            summary: "Forgets the watched keys."),
        Command(
            .watch, "watch", arity: -2, flags: [.noScript, .loading, .stale, .fast, .allowBusy],
            keys: .all, scope: .node, group: .transactions, since: "2.2.0",
            complexity: "O(N), N the keys named",
            summary: "Lets EXEC fail should one of the keys change."),
    ]
}
