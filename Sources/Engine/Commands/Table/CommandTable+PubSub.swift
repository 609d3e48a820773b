extension CommandTable {
    /// The rows of the commands about channels.
    static let pubSub: [Command] = [
        Command(
            .psubscribe, "psubscribe", arity: -2, flags: [.pubSub, .noScript, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.0.0",
            complexity: "O(N), N the patterns named",
            summary: "Receives the messages of all channels that match patterns."),
        Command(
            .publish, "publish", arity: 3,
            flags: [.pubSub, .loading, .stale, .fast, .mayReplicate],
            scope: .node, group: .pubSub, since: "2.0.0",
            complexity: "O(N+M), N the channel's subscribers and M the patterns",
            summary: "Sends a message to a channel's subscribers."),
        Command(
            .pubsub, "pubsub", arity: -2, flags: [.container],
            scope: .node, group: .pubSub, since: "2.8.0",
            complexity: "O(1)",
            summary: "Tells about channels and their subscribers."),
        Command(
            .pubsubChannels, "pubsub|channels", arity: -2, flags: [.pubSub, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.8.0",
            complexity: "O(N), N the channels",
            summary: "Lists the channels that have subscribers."),
        Command(
            .pubsubHelp, "pubsub|help", arity: 2, flags: [.loading, .stale],
            scope: .node, group: .pubSub, since: "6.2.0",
            complexity: "O(1)",
            summary: "Lists the subcommands."),
        Command(
            .pubsubPatternCount, "pubsub|numpat", arity: 2, flags: [.pubSub, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.8.0",
            complexity: "O(N), N the patterns",
            summary: "Counts the patterns that have subscribers."),
        Command(
            .pubsubSubscriberCount, "pubsub|numsub", arity: -2, flags: [.pubSub, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.8.0",
            complexity: "O(N), N the channels named",
            summary: "Counts the subscribers of channels, not those of patterns."),
        Command(
            .pubsubShardChannels, "pubsub|shardchannels", arity: -2,
            flags: [.pubSub, .loading, .stale],
            scope: .node, group: .pubSub, since: "7.0.0",
            complexity: "O(N), N the shard channels",
            summary: "Lists the shard channels that have subscribers."),
        Command(
            .pubsubShardSubscriberCount, "pubsub|shardnumsub", arity: -2,
            flags: [.pubSub, .loading, .stale],
            scope: .node, group: .pubSub, since: "7.0.0",
            complexity: "O(N), N the shard channels named",
            summary: "Counts the subscribers of shard channels."),
        Command(
            .punsubscribe, "punsubscribe", arity: -1,
            flags: [.pubSub, .noScript, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.0.0",
            complexity: "O(N), N the patterns named",
            summary: "Ends subscriptions to patterns, or all of them."),
        Command(
            .spublish, "spublish", arity: 3,
            flags: [.pubSub, .loading, .stale, .fast, .mayReplicate],
            keys: .first, scope: .node, group: .pubSub, since: "7.0.0",
            complexity: "O(N), N the shard channel's subscribers",
            summary: "Sends a message to a shard channel's subscribers."),
        Command(
            .ssubscribe, "ssubscribe", arity: -2, flags: [.pubSub, .noScript, .loading, .stale],
            keys: .all, scope: .node, group: .pubSub, since: "7.0.0",
            complexity: "O(N), N the shard channels named",
            summary: "Receives the messages of shard channels."),
        Command(
            .subscribe, "subscribe", arity: -2, flags: [.pubSub, .noScript, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.0.0",
            complexity: "O(N), N the channels named",
            summary: "Receives the messages of channels."),
        Command(
            .sunsubscribe, "sunsubscribe", arity: -1,
            flags: [.pubSub, .noScript, .loading, .stale],
            keys: .all, scope: .node, group: .pubSub, since: "7.0.0",
            complexity: "O(N), N the shard channels named",
            summary: "Ends subscriptions to shard channels, or all of them."),
        Command(
            .unsubscribe, "unsubscribe", arity: -1, flags: [.pubSub, .noScript, .loading, .stale],
            scope: .node, group: .pubSub, since: "2.0.0",
            complexity: "O(N), N the channels named",
            summary: "Ends subscriptions to channels, or all of them."),
    ]
}
