import Base

extension Engine {
    /// Runs one command whose keys are all in this keyspace.
    ///
    /// The two commands that nearly all traffic consists of are inlined; the others are a call
    /// away, so that the loop over a pipeline stays small.
    @inline(__always)
    mutating func dispatch(_ call: Invocation) {
        switch call.command {
        case .get: get(call)
        case .set: set(call)
        default: dispatchOther(call)
        }
        keyspace.log.endCommand()
    }

    @inline(never)
    private mutating func dispatchOther(_ call: Invocation) {
        if commands.isTimedAlone(call.command), !insight.isWatching {
            dispatchTimed(call)
        } else {
            dispatchUntimed(call)
        }
    }

    mutating func dispatchUntimed(_ call: Invocation) {
        switch call.command {
        case .incr: increment(call, by: 1)
        case .decr: increment(call, by: -1)
        case .incrby: incrementBy(call)
        case .decrby: decrementBy(call)
        case .incrbyfloat: incrementByFloat(call)
        case .mget: getMany(call)
        case .mset: setMany(call)
        case .msetnx: setManyIfAbsent(call)
        case .append: append(call)
        case .strlen: stringLength(call)
        case .getrange, .substr: getRange(call)
        case .setrange: setRange(call)
        case .getdel: getAndDelete(call)
        case .getex: getAndExpire(call)
        case .getset: getAndSet(call)
        case .setnx: setIfAbsent(call)
        case .setex: setAndExpire(call, .relativeSeconds)
        case .psetex: setAndExpire(call, .relativeMilliseconds)
        case .lcs: longestCommonSubsequence(call)
        case .hdel, .hexists, .hget, .hgetall, .hincrby, .hincrbyfloat, .hkeys, .hlen, .hmget,
            .hmset, .hrandfield, .hscan, .hset, .hsetnx, .hstrlen, .hvals:
            dispatchHash(call)
        case .sadd, .scard, .sdiff, .sdiffstore, .sinter, .sintercard, .sinterstore, .sismember,
            .smembers, .smismember, .smove, .spop, .srandmember, .srem, .sscan, .sunion,
            .sunionstore:
            dispatchSet(call)
        case .zadd, .zcard, .zcount, .zdiff, .zdiffstore, .zincrby, .zinter, .zintercard,
            .zinterstore, .zlexcount, .zmpop, .zmscore, .zpopmax, .zpopmin, .zrandmember, .zrange,
            .zrangebylex, .zrangebyscore, .zrangestore, .zrank, .zrem, .zremrangebylex,
            .zremrangebyrank, .zremrangebyscore, .zrevrange, .zrevrangebylex, .zrevrangebyscore,
            .zrevrank, .zscan, .zscore, .zunion, .zunionstore, .bzmpop, .bzpopmax, .bzpopmin:
            dispatchSortedSet(call)
        case .geoadd, .geodist, .geohash, .geopos, .georadius, .georadiusReadOnly,
            .georadiusbymember, .georadiusbymemberReadOnly, .geosearch, .geosearchstore:
            dispatchGeo(call)
        case .setbit, .getbit, .bitcount, .bitpos, .bitop, .bitfield, .bitfieldReadOnly:
            dispatchBits(call)
        case .pfadd, .pfcount, .pfmerge, .pfdebug, .pfselftest: dispatchHyperLogLog(call)
        default: dispatchKeys(call)
        }
    }

    private mutating func dispatchKeys(_ call: Invocation) {
        switch call.command {
        case .del, .unlink: delete(call)
        case .exists: exists(call)
        case .touch: touch(call)
        case .type: type(call)
        case .expire: expire(call, .relativeSeconds)
        case .pexpire: expire(call, .relativeMilliseconds)
        case .expireat: expire(call, .absoluteSeconds)
        case .pexpireat: expire(call, .absoluteMilliseconds)
        case .ttl: timeToLive(call, .relativeSeconds)
        case .pttl: timeToLive(call, .relativeMilliseconds)
        case .expiretime: timeToLive(call, .absoluteSeconds)
        case .pexpiretime: timeToLive(call, .absoluteMilliseconds)
        case .persist: persist(call)
        case .rename: rename(call)
        case .renamenx: renameIfAbsent(call)
        case .copy: copy(call)
        case .dump: dumpValue(call)
        case .restore: restoreValue(call)
        case .sort, .sortReadOnly: sort(call)
        case .objectEncoding: objectEncoding(call)
        case .objectFreq: objectFrequency(call)
        case .objectIdleTime: objectIdleTime(call)
        case .objectReferenceCount: objectReferenceCount(call)
        case .memoryUsage: memoryUsage(call)
        default: dispatchLists(call)
        }
    }
}
