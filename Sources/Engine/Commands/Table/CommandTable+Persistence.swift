extension CommandTable {
    /// The rows of the commands about what is kept on disk.
    static let persistence: [Command] = [
        Command(
            .bgrewriteaof, "bgrewriteaof", arity: 1, flags: [.admin, .noScript, .noAsyncLoading],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Begins to write a snapshot, which shortens the log."),
        Command(
            .bgsave, "bgsave", arity: -1, flags: [.admin, .noScript, .noAsyncLoading],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Begins to write a snapshot of all keys."),
        Command(
            .lastsave, "lastsave", arity: 1, flags: [.loading, .stale, .fast],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns when the last snapshot was written."),
        Command(
            .save, "save", arity: 1, flags: [.admin, .noScript, .noAsyncLoading, .noMulti],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(N), N the keys in the server",
            summary: "Writes a snapshot of all keys and waits for it."),
        Command(
            .waitaof, "waitaof", arity: 4, flags: [.noScript],
            scope: .node, group: .generic, since: "7.2.0",
            complexity: "O(1)",
            summary: "Waits until this connection's writes are on disk."),
    ]
}
