import Base

extension Engine {
    /// Runs a command on a hash.
    @inline(never)
    mutating func dispatchHash(_ call: Invocation) {
        switch call.command {
        case .hset: setFields(call)
        case .hget: getField(call)
        case .hmset: setFields(call)
        case .hsetnx: setFieldIfAbsent(call)
        case .hmget: getFields(call)
        case .hgetall: getAllFields(call, .both)
        case .hkeys: getAllFields(call, .fields)
        case .hvals: getAllFields(call, .values)
        case .hdel: removeMembers(call, from: .hash)
        case .hexists: fieldExists(call)
        case .hlen: countFields(call)
        case .hstrlen: fieldLength(call)
        case .hincrby: incrementField(call)
        case .hincrbyfloat: incrementFieldByFloat(call)
        case .hrandfield: randomField(call)
        case .hscan: scanFields(call)
        default: invariantFailed("only commands on hashes come here")
        }
    }
}
