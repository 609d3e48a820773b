import Base

extension Engine {
    /// LPUSH key element [element …], RPUSH key element [element …]
    mutating func push(_ call: Invocation, _ side: ListSide) {
        let key = call.key
        guard let found = find(key, .list) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        push(call, key, found.position, side)
    }

    /// LPUSHX key element [element …], RPUSHX key element [element …]
    mutating func pushIfPresent(_ call: Invocation, _ side: ListSide) {
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        push(call, key, position, side)
    }

    private mutating func push(
        _ call: Invocation, _ key: KeyReference, _ position: Position?, _ side: ListSide
    ) {
        let count = keyspace.push(key, position, call.values(from: 2), side, listLimits)
        reply.integer(count)
        notifyPush(side, key)
    }

    /// How large the chunks of lists get.
    var listLimits: ListLimits { ListLimits(limits.listChunkSize) }

    @inline(__always)
    mutating func notifyPush(_ side: ListSide, _ key: KeyReference) {
        notify(.list, side == .left ? "lpush" : "rpush", key.bytes)
    }

    @inline(__always)
    mutating func notifyPop(_ side: ListSide, _ key: KeyReference) {
        notify(.list, side == .left ? "lpop" : "rpop", key.bytes)
    }
}
