import Base

extension Engine {
    /// Runs one command over sets.
    @inline(never)
    mutating func dispatchSet(_ call: Invocation) {
        switch call.command {
        case .sadd: addMembers(call)
        case .srem: removeMembers(call, from: .set)
        case .spop: popMembers(call)
        case .sismember: isMember(call)
        case .smismember: areMembers(call)
        case .scard: countMembers(call)
        case .smembers: members(call)
        case .srandmember: randomMembers(call)
        case .smove: moveMember(call)
        case .sscan: scanMembers(call)
        case .sinter, .sunion, .sdiff, .sintercard, .sinterstore, .sunionstore, .sdiffstore:
            combineSets(call)
        default: invariantFailed("the node runs the commands of its scope")
        }
    }
}
