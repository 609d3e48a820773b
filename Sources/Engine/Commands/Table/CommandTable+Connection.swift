extension CommandTable {
    /// The rows of the commands about the connection.
    static let connection: [Command] = [
        Command(
            .auth, "auth", arity: -2,
            flags: [.noScript, .loading, .stale, .fast, .noAuth, .allowBusy],
            scope: .node, group: .connection, since: "1.0.0",
            complexity: "O(1)",
            summary: "Authenticates the connection."),
        Command(
            .client, "client", arity: -2, flags: [.container],
            scope: .node, group: .connection, since: "2.4.0",
            complexity: "O(1)",
            summary: "Tells about connections and changes them."),
        Command(
            .clientCaching, "client|caching", arity: 3, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.0.0",
            complexity: "O(1)",
            summary: "Says whether the next command's keys are tracked."),
        Command(
            .clientGetName, "client|getname", arity: 2, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "2.6.9",
            complexity: "O(1)",
            summary: "Returns the connection's name."),
        Command(
            .clientGetRedirection, "client|getredir", arity: 2,
            flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.0.0",
            complexity: "O(1)",
            summary: "Returns the client that invalidations are redirected to."),
        Command(
            .clientHelp, "client|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .connection, since: "5.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .clientID, "client|id", arity: 2, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "5.0.0",
            complexity: "O(1)",
            summary: "Returns the connection's number."),
        Command(
            .clientInfo, "client|info", arity: 2, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.2.0",
            complexity: "O(1)",
            summary: "Describes this connection."),
        Command(
            .clientKill, "client|kill", arity: -3, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "2.4.0",
            complexity: "O(N), N the connections",
            summary: "Closes connections."),
        Command(
            .clientList, "client|list", arity: -2, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "2.4.0",
            complexity: "O(N), N the connections",
            summary: "Describes the connections."),
        Command(
            .clientNoEvict, "client|no-evict", arity: 3,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "7.0.0",
            complexity: "O(1)",
            summary: "Exempts the connection from eviction, or no longer."),
        Command(
            .clientNoTouch, "client|no-touch", arity: 3, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "7.2.0",
            complexity: "O(1)",
            summary: "Lets the connection's reads leave no trace in what is evicted."),
        Command(
            .clientPause, "client|pause", arity: -3, flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "2.9.50",
            complexity: "O(1)",
            summary: "Holds back commands for a time."),
        Command(
            .clientReply, "client|reply", arity: 3, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "3.2.0",
            complexity: "O(1)",
            summary: "Switches the connection's replies on or off."),
        Command(
            .clientSetInfo, "client|setinfo", arity: 4, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "7.2.0",
            complexity: "O(1)",
            summary: "Names the client's library and its version."),
        Command(
            .clientSetName, "client|setname", arity: 3, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "2.6.9",
            complexity: "O(1)",
            summary: "Names the connection."),
        Command(
            .clientTracking, "client|tracking", arity: -3, flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.0.0",
            complexity: "O(1), or O(N) with N prefixes",
            summary: "Has the client told when keys that it has read are written."),
        Command(
            .clientTrackingInfo, "client|trackinginfo", arity: 2,
            flags: [.noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.2.0",
            complexity: "O(1)",
            summary: "Describes the tracking of keys for the connection."),
        Command(
            .clientUnblock, "client|unblock", arity: -3,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "5.0.0",
            complexity: "O(log N), N the connections",
            summary: "Ends the waiting of a client that a command blocks."),
        Command(
            .clientUnpause, "client|unpause", arity: 2,
            flags: [.admin, .noScript, .loading, .stale],
            scope: .node, group: .connection, since: "6.2.0",
            complexity: "O(1)",
            summary: "Ends a pause."),
        Command(
            .echo, "echo", arity: 2, flags: [.loading, .stale, .fast],
            scope: .node, group: .connection, since: "1.0.0",
            complexity: "O(1)",
            summary: "Returns what it is given."),
        Command(
            .hello, "hello", arity: -1,
            flags: [.noScript, .loading, .stale, .fast, .noAuth, .allowBusy],
            scope: .node, group: .connection, since: "6.0.0",
            complexity: "O(1)",
            summary: "Chooses the protocol, and authenticates."),
        Command(
            .ping, "ping", arity: -1, flags: [.fast],
            scope: .node, group: .connection, since: "1.0.0",
            complexity: "O(1)",
            summary: "Answers PONG, or what it is given."),
        Command(
            .quit, "quit", arity: -1,
            flags: [.noScript, .loading, .stale, .fast, .noAuth, .allowBusy],
            scope: .node, group: .connection, since: "1.0.0",
            complexity: "O(1)",
            summary: "Closes the connection."),
        Command(
            .reset, "reset", arity: 1,
            flags: [.noScript, .loading, .stale, .fast, .noAuth, .allowBusy],
            scope: .node, group: .connection, since: "6.2.0",
            complexity: "O(1)",
            summary: "Puts the connection back into its first state."),
        Command(
            .select, "select", arity: 2, flags: [.loading, .stale, .fast],
            scope: .node, group: .connection, since: "1.0.0",
            complexity: "O(1)",
            summary: "Chooses a database; there is one, 0."),
    ]
}
