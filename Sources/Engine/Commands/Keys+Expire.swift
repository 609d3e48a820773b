import Base

/// The words behind the time of EXPIRE.
private struct ExpireCondition {
    var onlyIfNone = false
    var onlyIfAny = false
    var onlyIfLater = false
    var onlyIfEarlier = false

    /// Whether a key with `old` as its deadline is to get `new`. No deadline counts as the latest
    /// of all.
    func allows(_ old: Int64?, _ new: Int64) -> Bool {
        if onlyIfNone, old != nil { return false }
        if onlyIfAny, old == nil { return false }
        if onlyIfLater {
            guard let old, new > old else { return false }
        }
        if onlyIfEarlier, let old, new >= old { return false }
        return true
    }
}

extension Engine {
    /// EXPIRE key seconds [NX | XX | GT | LT], PEXPIRE, EXPIREAT, PEXPIREAT
    @inline(never)
    mutating func expire(_ call: Invocation, _ form: TimeForm) {
        guard let condition = readExpireCondition(call) else { return }
        guard let time = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        guard let deadline = form.deadline(time, now: now) else {
            failExpireTime(call)
            return
        }
        let key = call.key
        guard let position = keyspace.lookUp(key),
            condition.allows(position.entry.deadline, deadline)
        else {
            reply.integer(0)
            return
        }
        setDeadline(key, position, deadline)
        reply.integer(1)
    }

    private mutating func readExpireCondition(_ call: Invocation) -> ExpireCondition? {
        var condition = ExpireCondition()
        for index in 3..<max(call.count, 3) {
            let word = call[index]
            if word.equalsIgnoringCase("nx") {
                condition.onlyIfNone = true
            } else if word.equalsIgnoringCase("xx") {
                condition.onlyIfAny = true
            } else if word.equalsIgnoringCase("gt") {
                condition.onlyIfLater = true
            } else if word.equalsIgnoringCase("lt") {
                condition.onlyIfEarlier = true
            } else {
                fail("ERR Unsupported option \(word.untilNUL.string)")
                return nil
            }
        }
        let hasOther = condition.onlyIfAny || condition.onlyIfLater || condition.onlyIfEarlier
        if condition.onlyIfNone, hasOther {
            fail(.expireConditions)
            return nil
        }
        if condition.onlyIfLater, condition.onlyIfEarlier {
            fail(.expireBothBounds)
            return nil
        }
        return condition
    }

    /// Gives a key a deadline; one that has passed deletes it.
    mutating func setDeadline(_ key: KeyReference, _ position: Position, _ deadline: Int64) {
        if deadline <= now {
            drop(key, position)
        } else {
            keyspace.setDeadline(key, position, deadline)
            notify(.generic, "expire", key.bytes)
        }
    }

    /// PERSIST key
    @inline(never)
    mutating func persist(_ call: Invocation) {
        let key = call.key
        guard let position = keyspace.lookUp(key), position.entry.deadline != nil else {
            reply.integer(0)
            return
        }
        keyspace.setDeadline(key, position, nil)
        notify(.generic, "persist", key.bytes)
        reply.integer(1)
    }

    /// TTL key, PTTL, EXPIRETIME, PEXPIRETIME: -2 without a key, -1 without a deadline. Seconds are
    /// rounded.
    @inline(never)
    mutating func timeToLive(_ call: Invocation, _ form: TimeForm) {
        guard let entry = keyspace.peek(call.key) else {
            reply.integer(-2)
            return
        }
        guard let deadline = entry.deadline else {
            reply.integer(-1)
            return
        }
        let milliseconds = form.isRelative ? deadline - now : deadline
        if !form.isInSeconds {
            reply.integer(milliseconds)
            return
        }
        // Half a second more may not fit where the deadline is at the end of time.
        reply.integer(milliseconds / 1000 + (milliseconds % 1000 >= 500 ? 1 : 0))
    }
}

extension Bytes {
    /// What C would print of these bytes as a string.
    var untilNUL: Bytes {
        var length = 0
        while length < count, self[length] != 0 { length += 1 }
        return slice(0, length)
    }
}
