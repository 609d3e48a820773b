import Base

extension Engine {
    /// DEL key [key …], UNLINK key [key …]
    @inline(never)
    mutating func delete(_ call: Invocation) {
        if _slowPath(call.count > Self.fewArguments), postponesKeys(call) { return }
        reply.integer(deleteKeys(call, 1..<max(call.count, 1)))
    }

    /// Removes the keys at these places; returns how many there were.
    @inline(__always)
    mutating func deleteKeys(_ call: Invocation, _ places: Range<Int>) -> Int {
        var removed = 0
        for index in places {
            let key = index == 1 ? call.key : reference(call[index])
            guard let position = keyspace.lookUp(key) else { continue }
            drop(key, position)
            removed += 1
        }
        return removed
    }

    /// EXISTS key [key …]: a key named twice counts twice.
    @inline(never)
    mutating func exists(_ call: Invocation) {
        if _slowPath(call.count > Self.fewArguments), postponesKeys(call) { return }
        reply.integer(countExisting(call, 1..<max(call.count, 1)))
    }

    @inline(__always)
    mutating func countExisting(_ call: Invocation, _ places: Range<Int>) -> Int {
        var found = 0
        for index in places
        where keyspace.peek(index == 1 ? call.key : reference(call[index])) != nil {
            found += 1
        }
        return found
    }

    /// TOUCH key [key …]
    @inline(never)
    mutating func touch(_ call: Invocation) {
        if _slowPath(call.count > Self.fewArguments), postponesKeys(call) { return }
        reply.integer(touchKeys(call, 1..<max(call.count, 1)))
    }

    @inline(__always)
    mutating func touchKeys(_ call: Invocation, _ places: Range<Int>) -> Int {
        var found = 0
        for index in places
        where keyspace.read(index == 1 ? call.key : reference(call[index])) != nil {
            found += 1
        }
        return found
    }

    /// TYPE key
    @inline(never)
    mutating func type(_ call: Invocation) {
        reply.simple(keyspace.peek(call.key)?.type.name ?? "none")
    }

    /// RENAME key newkey
    @inline(never)
    mutating func rename(_ call: Invocation) {
        let source = call.key
        let target = reference(call[2])
        // Both are looked up before either is held on to: meeting an expired key moves others.
        _ = keyspace.lookUp(target)
        if keyspace.lookUp(source) == nil {
            fail(.noSuchKey)
            return
        }
        if !(source.bytes == target.bytes) { move(source, to: target) }
        reply.ok()
    }

    /// Gives what is at `source` another name, and tells of it.
    private mutating func move(_ source: KeyReference, to target: KeyReference) {
        keyspace.move(source, to: target)
        notify(.new, "new", target.bytes)
        notify(.generic, "rename_from", source.bytes)
        notify(.generic, "rename_to", target.bytes)
    }

    /// RENAMENX key newkey
    @inline(never)
    mutating func renameIfAbsent(_ call: Invocation) {
        let source = call.key
        let target = reference(call[2])
        let isTaken = keyspace.lookUp(target) != nil
        if keyspace.lookUp(source) == nil {
            fail(.noSuchKey)
            return
        }
        if isTaken {
            reply.integer(0)
            return
        }
        move(source, to: target)
        reply.integer(1)
    }

    /// COPY source destination [DB 0] [REPLACE]
    @inline(never)
    mutating func copy(_ call: Invocation) {
        guard let replaces = readCopyOptions(call) else { return }
        let source = call.key
        let target = reference(call[2])
        if source.bytes == target.bytes {
            fail(.sameObject)
            return
        }
        // The source's entry stays where it is should the target be removed or added.
        guard let entry = keyspace.read(source) else {
            reply.integer(0)
            return
        }
        let position = keyspace.lookUp(target)
        if position != nil, !replaces {
            reply.integer(0)
            return
        }
        if postpones(keyspace.elementCount(of: entry)) { return }
        keyspace.copyValue(of: entry, to: target, position)
        noteCopy(to: target, isReplaced: position != nil)
        reply.integer(1)
    }

    /// Tells of a key that has become another's copy.
    mutating func noteCopy(to target: KeyReference, isReplaced: Bool) {
        // What was there counts as deleted without a word.
        if isReplaced { notify(.new, "new", target.bytes) }
        notify(.generic, "copy_to", target.bytes)
    }

    /// Whether COPY may replace; nil after answering with an error.
    private mutating func readCopyOptions(_ call: Invocation) -> Bool? {
        var replaces = false
        var index = 3
        while index < call.count {
            let word = call[index]
            if word.equalsIgnoringCase("replace") {
                replaces = true
            } else if word.equalsIgnoringCase("db"), index + 1 < call.count {
                index += 1
                if !isThisDatabase(call[index]) { return nil }
            } else {
                fail(.syntax)
                return nil
            }
            index += 1
        }
        return replaces
    }

    /// Whether a number is that of the one database there is; if not, answers with an error.
    private mutating func isThisDatabase(_ word: Bytes) -> Bool {
        guard let number = word.canonicalInteger else {
            fail(.notInteger)
            return false
        }
        if Int32(exactly: number) == nil {
            fail(.notInt32)
            return false
        }
        if number != 0 { fail(.invalidDatabase) }
        return number == 0
    }
}
