extension CommandTable {
    /// The rows of the commands about the server.
    static let server: [Command] = [
        Command(
            .command, "command", arity: -1, flags: [.loading, .stale, .container],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Describes every command."),
        Command(
            .commandCount, "command|count", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Counts the commands."),
        Command(
            .commandDocs, "command|docs", arity: -2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "7.0.0",
            complexity: "O(1)",
            summary: "Documents commands."),
        Command(
            .commandGetKeys, "command|getkeys", arity: -4, flags: [.loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Returns the keys of a given command."),
        Command(
            .commandGetKeysAndFlags, "command|getkeysandflags", arity: -4,
            flags: [.loading, .stale],
            scope: .node, group: .server, since: "7.0.0",
            complexity: "O(1)",
            summary: "Returns the keys of a given command and how each is used."),
        Command(
            .commandHelp, "command|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "5.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .commandInfo, "command|info", arity: -2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "2.8.13",
            complexity: "O(1)",
            summary: "Describes the commands named."),
        Command(
            .commandList, "command|list", arity: -2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "7.0.0",
            complexity: "O(1)",
            summary: "Lists the commands' names."),
        Command(
            .config, "config", arity: -2, flags: [.container],
            scope: .node, group: .server, since: "2.0.0",
            complexity: "O(1)",
            summary: "Reads and changes settings."),
        Command(
            .configGet, "config|get", arity: -3, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.0.0",
            complexity: "O(1)",
            summary: "Returns settings that match patterns."),
        Command(
            .configHelp, "config|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "5.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .configResetStatistics, "config|resetstat", arity: 2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.0.0",
            complexity: "O(1)",
            summary: "Sets the statistics to zero."),
        Command(
            .configRewrite, "config|rewrite", arity: 2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.8.0",
            complexity: "O(1)",
            summary: "Writes the settings in force to the settings file."),
        Command(
            .configSet, "config|set", arity: -4, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "2.0.0",
            complexity: "O(1)",
            summary: "Changes settings."),
        Command(
            .dbsize, "dbsize", arity: 1, flags: [.readOnly, .fast],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Counts the keys."),
        Command(
            .debug, "debug", arity: -2, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Does what tests need."),
        Command(
            .flushall, "flushall", arity: -1, flags: [.write],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(N), N the keys in the server",
            summary: "Deletes every key."),
        Command(
            .flushdb, "flushdb", arity: -1, flags: [.write],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(N), N the keys in the server",
            summary: "Deletes every key."),
        Command(
            .info, "info", arity: -1, flags: [.loading, .stale],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Reports what the server is and does."),
        Command(
            .memory, "memory", arity: -2, flags: [.container],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Tells about memory."),
        Command(
            .memoryDoctor, "memory|doctor", arity: 2, flags: [],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Reports on memory problems."),
        Command(
            .memoryHelp, "memory|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .memoryMallocStats, "memory|malloc-stats", arity: 2, flags: [],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Reports the allocator's figures."),
        Command(
            .memoryPurge, "memory|purge", arity: 2, flags: [],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Asks the allocator to give memory back."),
        Command(
            .memoryStats, "memory|stats", arity: 2, flags: [],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Reports how memory is used."),
        Command(
            .memoryUsage, "memory|usage", arity: -3, flags: [.readOnly],
            keys: .range(first: 2, last: 2, step: 1), scope: .keys, group: .server, since: "4.0.0",
            complexity: "O(N), N the samples taken",
            summary: "Estimates the bytes that a key takes."),
        Command(
            .module, "module", arity: -2, flags: [.container],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Tells about loaded modules; there are none."),
        Command(
            .moduleHelp, "module|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .server, since: "5.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .moduleList, "module|list", arity: 2, flags: [.admin, .noScript],
            scope: .node, group: .server, since: "4.0.0",
            complexity: "O(1)",
            summary: "Lists the loaded modules."),
        Command(
            .monitor, "monitor", arity: 1, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Shows every request that the server runs."),
        Command(
            .shutdown, "shutdown", arity: -1,
            flags: [.admin, .noScript, .loading, .stale, .noMulti, .allowBusy],
            scope: .node, group: .server, since: "1.0.0",
            complexity: "O(1)",
            summary: "Ends the server."),
        Command(
            .time, "time", arity: 1, flags: [.loading, .stale, .fast],
            scope: .node, group: .server, since: "2.6.0",
            complexity: "O(1)",
            summary: "Returns the server's time."),
    ]
}
