import Base
import Engine

/// The slow calls of one core's clients, the newest last. SLOWLOG GET merges those of all cores.
///
/// An entry is kept as the bytes of its reply: nothing of it depends on who asks.
struct SlowLog {
    struct Entry {
        /// When it was logged, in milliseconds since 1970, and what the stopwatch then showed: all
        /// cores' stopwatches read one clock.
        let time: Int64
        let reading: UInt64
        let reply: OwnedBytes
    }

    private(set) var entries: [Entry] = []
    private let core: Int64
    private let coreCount: Int64
    private var count: Int64 = 0

    static let argumentCountMax = 32
    static let argumentBytesMax = 128

    init(core: Int, coreCount: Int) {
        self.core = Int64(core)
        self.coreCount = Int64(coreCount)
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - reading: what the stopwatch shows.
    ///   - lengthMax: how many entries are kept; older ones go.
    ///   - write: writes the rest of the entry after its number.
    mutating func add(
        _ now: Int64, _ reading: UInt64, lengthMax: Int, _ write: (inout Reply) -> Void
    ) {
        // Unique in the node: cores number in steps of the core count, as they number connections.
        let number = count * coreCount + core
        count += 1
        var reply = Reply()
        reply.array(6)
        reply.integer(number)
        write(&reply)
        entries.append(
            Entry(time: now, reading: reading, reply: OwnedBytes(reply.buffer.bytes)))
        if entries.count > lengthMax { entries.removeFirst(entries.count - lengthMax) }
    }

    mutating func removeAll() {
        entries.removeAll()
    }
}

extension Core {
    /// Logs a call if the slow log asks for it.
    ///
    /// - Parameter connection: who sent it; nil where that client has gone.
    mutating func log(
        _ call: Invocation, _ nanoseconds: UInt64, _ connection: ConnectionReference?
    ) {
        let microsecondsMin = configuration.slowLogMicroseconds
        if microsecondsMin < 0 { return }
        if nanoseconds / 1000 < UInt64(microsecondsMin) { return }
        if engine.commands.traits(call.command).has(.skipSlowlog) { return }
        let details = connection?.state.details
        let now = now
        let reading = engine.insight.stopwatch.read()
        slowLog.add(now, reading, lengthMax: configuration.slowLogLengthMax) { reply in
            reply.integer(now / 1000)
            reply.integer(Int64(nanoseconds / 1000))
            call.writeShortened(to: &reply)
            reply.bulk(details?.address ?? "?:0")
            reply.bulk(details?.name ?? "")
        }
    }
}

extension Invocation {
    /// The arguments as the slow log shows them: long ones and many of them are cut off, secrets
    /// hidden.
    fileprivate func writeShortened(to reply: inout Reply) {
        let isCut = count > SlowLog.argumentCountMax
        let shown = isCut ? SlowLog.argumentCountMax - 1 : count
        reply.array(isCut ? shown + 1 : shown)
        for index in 0..<shown {
            if isSecret(index) {
                reply.bulk("(redacted)")
                continue
            }
            let argument = self[index]
            let more = argument.count - SlowLog.argumentBytesMax
            if more <= 0 {
                reply.bulk(argument)
                continue
            }
            var cut = OutputBuffer()
            cut.append(argument.slice(0, SlowLog.argumentBytesMax))
            OwnedBytes("... (\(more) more bytes)").withBytes { cut.append($0) }
            reply.bulk(cut.bytes)
        }
        if isCut { reply.bulk("... (\(count - shown) more arguments)") }
    }

    /// Whether the argument is a password or tells of one.
    private func isSecret(_ index: Int) -> Bool {
        switch command {
        case .auth: return index > 0
        case .hello: return index > 2 && (2..<index).contains { isAuth($0, index) }
        case .configSet:
            return index > 2 && index % 2 == 1 && ConfigurationTable.isSecret(self[index - 1])
        default: return false
        }
    }

    /// Whether HELLO's AUTH stands at `place` and argument `index` is its user or password.
    private func isAuth(_ place: Int, _ index: Int) -> Bool {
        index - place <= 2 && self[place].equalsIgnoringCase("auth")
    }
}

// MARK: - SLOWLOG

extension Core {
    /// SLOWLOG GET [count], SLOWLOG LEN, SLOWLOG RESET
    mutating func isSoundSlowLog(_ call: Invocation) -> Bool {
        if call.command != .slowlogGet || call.count == 2 { return true }
        if call.count > 3 {
            engine.fail(
                """
                ERR unknown subcommand or wrong number of arguments for '\(call[1].string)'. \
                Try SLOWLOG HELP.
                """)
            return false
        }
        if slowLogCount(call) == nil {
            engine.fail("ERR count should be greater than or equal to -1")
            return false
        }
        return true
    }

    /// How many entries SLOWLOG GET asks for; nil where it is no such number.
    private func slowLogCount(_ call: Invocation) -> Int? {
        if call.count < 3 { return 10 }
        guard let number = call[2].canonicalInteger, number >= -1 else { return nil }
        return number == -1 ? .max : Int(number)
    }

    mutating func contributeSlowLog(_ call: Invocation, into part: inout OutputBuffer) {
        switch call.command {
        case .slowlogLen: part.append(integer: Int64(slowLog.entries.count))
        case .slowlogReset: slowLog.removeAll()
        default:
            for entry in slowLog.entries.suffix(slowLogCount(call) ?? 0) {
                part.append(integer: entry.time)
                part.append(integer: Int64(bitPattern: entry.reading))
                part.append(integer: Int64(entry.reply.count))
                entry.reply.withBytes { part.append($0) }
            }
        }
    }

    mutating func concludeSlowLog(_ call: Invocation, _ parts: [Bytes]) {
        switch call.command {
        case .slowlogLen:
            let sum = parts.reduce(0) { $0 + $1.integer(at: 0) }
            // Each core keeps as many as all may; what GET shows is the newest of them.
            engine.reply.integer(min(sum, slowLogLengthShown))
        case .slowlogReset: engine.reply.ok()
        default: concludeSlowLogEntries(call, parts)
        }
    }

    private var slowLogLengthShown: Int64 {
        coreCount == 1 ? .max : Int64(configuration.slowLogLengthMax)
    }

    private mutating func concludeSlowLogEntries(_ call: Invocation, _ parts: [Bytes]) {
        var entries: [(time: Int64, reading: Int64, reply: Bytes)] = []
        for part in parts {
            var offset = 0
            while offset < part.count {
                let end = offset + 24 + Int(part.integer(at: offset + 16))
                entries.append(
                    (
                        part.integer(at: offset), part.integer(at: offset + 8),
                        part.slice(offset + 24, end)
                    ))
                offset = end
            }
        }
        // A core's entries come in order, so those that are alike stay in it.
        entries.reverse()
        entries.sort { ($0.time, $0.reading) > ($1.time, $1.reading) }
        let shown = min(entries.count, slowLogCount(call) ?? 0, Int(slowLogLengthShown))
        engine.reply.array(shown)
        for entry in entries.prefix(shown) { engine.reply.buffer.append(entry.reply) }
    }
}
