extension CommandTable {
    /// The rows of the cluster commands.
    static let cluster: [Command] = [
        Command(
            .cluster, "cluster", arity: -2, flags: [.container],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Tells about the cluster."),
        Command(
            .clusterCountKeysInSlot, "cluster|countkeysinslot", arity: 3, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Counts the keys in a slot."),
        Command(
            .clusterGetKeysInSlot, "cluster|getkeysinslot", arity: 4, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Lists keys in a slot."),
        Command(
            .clusterHelp, "cluster|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .cluster, since: "5.0.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .clusterInfo, "cluster|info", arity: 2, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Reports the cluster's state."),
        Command(
            .clusterKeySlot, "cluster|keyslot", arity: 3, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Returns a key's slot."),
        Command(
            .clusterMyID, "cluster|myid", arity: 2, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Returns the node's id."),
        Command(
            .clusterNodes, "cluster|nodes", arity: 2, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Lists the nodes as text."),
        Command(
            .clusterShards, "cluster|shards", arity: 2, flags: [.stale],
            scope: .node, group: .cluster, since: "7.0.0",
            complexity: "O(1)",
            summary: "Lists the nodes by slot ranges."),
        Command(
            .clusterSlots, "cluster|slots", arity: 2, flags: [.stale],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Maps slot ranges to nodes."),
        Command(
            .asking, "asking", arity: 1, flags: [.fast],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Lets the next command be served from a slot that is arriving."),
        Command(
            .readonly, "readonly", arity: 1, flags: [.loading, .stale, .fast],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Lets replicas answer reads on this connection."),
        Command(
            .readwrite, "readwrite", arity: 1, flags: [.loading, .stale, .fast],
            scope: .node, group: .cluster, since: "3.0.0",
            complexity: "O(1)",
            summary: "Ends READONLY."),
    ]
}
