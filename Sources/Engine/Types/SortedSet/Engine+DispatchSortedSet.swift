import Base

extension Engine {
    /// Runs one command over sorted sets.
    @inline(never)
    mutating func dispatchSortedSet(_ call: Invocation) {
        switch call.command {
        case .zadd: addScores(call, increments: false)
        case .zincrby: addScores(call, increments: true)
        case .zrem: removeMembers(call, from: .sortedSet)
        case .zcard: countScored(call)
        case .zscore: score(call)
        case .zmscore: scores(call)
        case .zrank: rank(call, isReversed: false)
        case .zrevrank: rank(call, isReversed: true)
        case .zrange: range(call, .any, isReversed: nil)
        case .zrevrange: range(call, .ranks, isReversed: true)
        case .zrangebyscore: range(call, .scores, isReversed: false)
        case .zrevrangebyscore: range(call, .scores, isReversed: true)
        case .zrangebylex: range(call, .bytes, isReversed: false)
        case .zrevrangebylex: range(call, .bytes, isReversed: true)
        case .zrangestore: storeRange(call)
        case .zcount: countRange(call, .scores)
        case .zlexcount: countRange(call, .bytes)
        case .zremrangebyrank: removeRange(call, .ranks, "zremrangebyrank")
        case .zremrangebyscore: removeRange(call, .scores, "zremrangebyscore")
        case .zremrangebylex: removeRange(call, .bytes, "zremrangebylex")
        case .zpopmin: popScored(call, .least)
        case .zpopmax: popScored(call, .greatest)
        case .zrandmember: randomScored(call)
        case .zscan: scanScored(call)
        default: dispatchSortedSets(call)
        }
    }

    /// Runs one command over several sorted sets.
    private mutating func dispatchSortedSets(_ call: Invocation) {
        switch call.command {
        case .zmpop: popFromFirstScored(call)
        case .bzpopmin: blockingPopScored(call, .least)
        case .bzpopmax: blockingPopScored(call, .greatest)
        case .bzmpop: blockingPopFromFirstScored(call)
        case .zunion: combineScored(call, .union)
        case .zinter: combineScored(call, .intersection)
        case .zdiff: combineScored(call, .difference)
        case .zunionstore: storeCombinedScored(call, .union, "zunionstore")
        case .zinterstore: storeCombinedScored(call, .intersection, "zinterstore")
        case .zdiffstore: storeCombinedScored(call, .difference, "zdiffstore")
        case .zintercard: countSharedScored(call)
        default: invariantFailed("the node runs the commands of its scope")
        }
    }
}
