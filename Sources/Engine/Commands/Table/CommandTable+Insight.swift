extension CommandTable {
    /// The rows of the commands that tell how long commands take.
    static let insight: [Command] = [
        Command(
            .latency, "latency", arity: -2, flags: [.container],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Tells about events that took long."),
        Command(
            .latencyDoctor, "latency|doctor", arity: 2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Reports on events that took long, in sentences."),
        Command(
            .latencyGraph, "latency|graph", arity: 3,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Draws an event's samples."),
        Command(
            .latencyHelp, "latency|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .latencyHistogram, "latency|histogram", arity: -2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "7.0.0",
            complexity: "O(N), N the commands shown",
            summary: "Returns how many calls of commands took how long."),
        Command(
            .latencyHistory, "latency|history", arity: 3,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Returns an event's samples."),
        Command(
            .latencyLatest, "latency|latest", arity: 2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Returns each event's last sample."),
        Command(
            .latencyReset, "latency|reset", arity: -2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Forgets the samples of events."),
        Command(
            .slowlog, "slowlog", arity: -2, flags: [.container],
            scope: .node, group: .server, since: "2.2.12",
            complexity: "O(1)",
            summary: "Tells about calls that took long."),
        Command(
            .slowlogGet, "slowlog|get", arity: -2, flags: [.admin, .loading, .stale],
            scope: .node, group: .server, since: "2.2.12",
            complexity: "O(N), N the entries returned",
            summary: "Returns the slow log's entries, the newest first."),
        Command(
            .slowlogHelp, "slowlog|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "6.2.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .slowlogLen, "slowlog|len", arity: 2, flags: [.admin, .loading, .stale],
            scope: .node, group: .server, since: "2.2.12",
            complexity: "O(1)",
            summary: "Counts the slow log's entries."),
        Command(
            .slowlogReset, "slowlog|reset", arity: 2, flags: [.admin, .loading, .stale],
            scope: .node, group: .server, since: "2.2.12",
            complexity: "O(N), N the entries",
            summary: "Empties the slow log."),
    ]
}
