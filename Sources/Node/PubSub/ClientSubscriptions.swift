import Base

/// What one client is subscribed to.
struct ClientSubscriptions {
    private var channels = SubscriptionSet()
    private var patterns = SubscriptionSet()
    private var shardChannels = SubscriptionSet()

    subscript(kind: TopicKind) -> SubscriptionSet {
        get {
            switch kind {
            case .channel: channels
            case .pattern: patterns
            case .shardChannel: shardChannels
            }
        }
        _modify {
            switch kind {
            case .channel: yield &channels
            case .pattern: yield &patterns
            case .shardChannel: yield &shardChannels
            }
        }
    }

    var isEmpty: Bool { channels.count + patterns.count + shardChannels.count == 0 }

    /// The count that a confirmation tells: channels and patterns count together.
    func shownCount(_ kind: TopicKind) -> Int {
        kind == .shardChannel ? shardChannels.count : channels.count + patterns.count
    }
}

/// What a subscription names.
enum TopicKind: Int {
    case channel
    /// A pattern of channels' names.
    case pattern
    /// A channel that belongs to a slot, as a key does.
    case shardChannel
}

/// Names that a client is subscribed to, in the order in which it subscribed.
struct SubscriptionSet {
    /// Each name's place in the order.
    private var places: [OwnedBytes: Int] = [:]
    private var nextPlace = 0

    var count: Int { places.count }

    /// Adds a name; false where it is there already.
    mutating func insert(_ name: OwnedBytes) -> Bool {
        if places[name] != nil { return false }
        places[name] = nextPlace
        nextPlace += 1
        return true
    }

    /// Removes a name; false where it is not there.
    mutating func remove(_ name: OwnedBytes) -> Bool {
        places.removeValue(forKey: name) != nil
    }

    /// Calls `body` with each name, in order.
    func forEach(_ body: (OwnedBytes) -> Void) {
        for entry in places.sorted(by: { $0.value < $1.value }) { body(entry.key) }
    }
}
