import Base

extension Engine {
    /// Runs a command on lists.
    @inline(never)
    mutating func dispatchLists(_ call: Invocation) {
        switch call.command {
        case .lpush: push(call, .left)
        case .rpush: push(call, .right)
        case .lpop: pop(call, .left)
        case .rpop: pop(call, .right)
        case .lrange: listRange(call)
        case .llen: listLength(call)
        case .lindex: listIndex(call)
        case .lpushx: pushIfPresent(call, .left)
        case .rpushx: pushIfPresent(call, .right)
        case .lset: setListElement(call)
        case .linsert: insertIntoList(call)
        case .lrem: removeFromList(call)
        case .ltrim: trimList(call)
        case .lpos: listPosition(call)
        case .lmove: moveElement(call)
        case .rpoplpush: rotateElement(call)
        case .lmpop: popFromFirst(call)
        case .blpop: blockingPop(call, .left)
        case .brpop: blockingPop(call, .right)
        case .blmove: blockingMove(call)
        case .brpoplpush: blockingRotate(call)
        case .blmpop: blockingPopFromFirst(call)
        default: invariantFailed("the node runs the commands of its scope")
        }
    }
}
