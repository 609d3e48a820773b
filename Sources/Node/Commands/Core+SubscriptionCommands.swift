// SUBSCRIBE, UNSUBSCRIBE and their kin for patterns and shard channels.

import Base
import Engine
import Placement

extension CommandID {
    /// What a command of subscriptions names; nil for other commands.
    var topicKind: TopicKind? {
        switch self {
        case .subscribe, .unsubscribe: .channel
        case .psubscribe, .punsubscribe: .pattern
        case .ssubscribe, .sunsubscribe: .shardChannel
        default: nil
        }
    }

    /// The command adds subscriptions.
    var subscribes: Bool {
        switch self {
        case .subscribe, .psubscribe, .ssubscribe: true
        default: false
        }
    }

    /// The command sends a message.
    var publishes: Bool { self == .publish || self == .spublish }

    /// A client of RESP2 with subscriptions may still send it.
    var isOpenToSubscribers: Bool {
        switch self {
        case .ping, .quit, .reset: true
        default: topicKind != nil
        }
    }

    /// Its arguments are shard channels, which have slots.
    var namesShardChannels: Bool {
        switch self {
        case .spublish, .ssubscribe, .sunsubscribe: true
        default: false
        }
    }
}

extension Core {
    /// Runs a command of subscriptions. Where it adds some, the other cores know of it.
    mutating func runSubscriptionCommand(
        _ connection: ConnectionReference, _ call: Invocation, _ kind: TopicKind
    ) {
        if call.command.subscribes {
            for place in 1..<call.count { subscribe(connection, kind, call[place]) }
        } else if call.count == 1 {
            unsubscribeAll(connection, kind)
        } else {
            for place in 1..<call.count { unsubscribe(connection, kind, call[place]) }
        }
        let isSubscriber = !connection.state.details.subscriptions.isEmpty
        connection.state.session.isSubscriber = isSubscriber
    }

    /// The places of the interest filter that a request's subscriptions need.
    func addPlaces(_ call: Invocation, to wanted: inout InterestPlaces) {
        guard call.command.subscribes, let kind = call.command.topicKind else { return }
        for place in 1..<call.count {
            wanted.places.append(InterestPlace(kind, topicHash(kind, call[place])))
        }
    }

    private mutating func subscribe(
        _ connection: ConnectionReference, _ kind: TopicKind, _ name: Bytes
    ) {
        let owned = OwnedBytes(name)
        if connection.state.details.subscriptions[kind].insert(owned) {
            subscriptions.add(connection.state.id, kind, owned, topicHash(kind, name))
        }
        confirm(connection, kind, kind.subscribed, name)
    }

    private mutating func unsubscribe(
        _ connection: ConnectionReference, _ kind: TopicKind, _ name: Bytes
    ) {
        let owned = OwnedBytes(name)
        if connection.state.details.subscriptions[kind].remove(owned) {
            subscriptions.remove(connection.state.id, owned, topicHash(kind, name))
        }
        confirm(connection, kind, kind.unsubscribed, name)
    }

    private mutating func unsubscribeAll(_ connection: ConnectionReference, _ kind: TopicKind) {
        let set = connection.state.details.subscriptions[kind]
        if set.count == 0 { confirm(connection, kind, kind.unsubscribed, nil) }
        set.forEach { name in
            name.withBytes { unsubscribe(connection, kind, $0) }
        }
    }

    /// Tells the client what has become of one subscription, and how many it has.
    private mutating func confirm(
        _ connection: ConnectionReference, _ kind: TopicKind, _ word: StaticString, _ name: Bytes?
    ) {
        pushes.begin(3, word)
        if let name {
            pushes.append(name)
        } else {
            pushes.appendNull(connection.state.session.version)
        }
        pushes.append(connection.state.details.subscriptions.shownCount(kind))
        push(to: connection)
    }

    /// Ends all subscriptions of a connection, without a word to it.
    mutating func dropSubscriptions(_ connection: ConnectionReference) {
        let details = connection.state.details
        if details.subscriptions.isEmpty { return }
        for kind in [TopicKind.channel, .pattern, .shardChannel] {
            details.subscriptions[kind].forEach { name in
                let hash = name.withBytes { topicHash(kind, $0) }
                subscriptions.remove(connection.state.id, name, hash)
            }
        }
        details.subscriptions = ClientSubscriptions()
        connection.state.session.isSubscriber = false
    }

    /// A client of RESP2 with subscriptions sends something else: refuses it.
    mutating func refuseToSubscriber(_ connection: ConnectionReference, _ command: CommandID) {
        let reason = """
            Can't execute '\(command.row.name)': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / \
            QUIT / RESET are allowed in this context
            """
        if command == .exec {
            refuseExec(connection, because: reason)
            return
        }
        engine.fail("ERR \(reason)")
        let isInTransaction = connection.state.session.isInTransaction
        connection.state.session.isTransactionBroken = isInTransaction
    }

    /// On the ports for cluster clients: shard channels of one request must be of one slot, and on
    /// a core's port of that core's.
    ///
    /// - Returns: whether the request was answered with an error.
    mutating func redirectShardChannels(
        _ connection: ConnectionReference, _ call: Invocation
    ) -> Bool {
        if call.count < 2 { return false }
        let slot = unsafe engine.slots.slot(of: call[1].buffer)
        let last = call.command == .spublish ? 1 : call.count - 1
        let owner = engine.routing.owner(of: slot).core
        let isSpread = (1...last).contains { place in
            unsafe engine.slots.slot(of: call[place].buffer) != slot
        }
        if isSpread {
            engine.fail("CROSSSLOT Keys in request don't hash to the same slot")
        } else if connection.state.session.isRedirecting, owner != index {
            failMoved(connection, slot.rawValue, to: owner)
        } else {
            return false
        }
        connection.state.session.isTransactionBroken = connection.state.session.isInTransaction
        return true
    }
}

extension TopicKind {
    /// What a confirmation calls a subscription.
    fileprivate var subscribed: StaticString {
        switch self {
        case .channel: "subscribe"
        case .pattern: "psubscribe"
        case .shardChannel: "ssubscribe"
        }
    }

    /// What a confirmation calls the end of one.
    fileprivate var unsubscribed: StaticString {
        switch self {
        case .channel: "unsubscribe"
        case .pattern: "punsubscribe"
        case .shardChannel: "sunsubscribe"
        }
    }
}
