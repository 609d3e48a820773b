// MEMORY, SHUTDOWN, TIME, WAIT, FLUSHALL's arguments and DEBUG.

import Base
import Engine

extension Core {
    mutating func runMemoryCommand(_ call: Invocation) {
        switch call.command {
        case .memoryDoctor:
            engine.reply.verbatim("No memory problem is looked for yet: see INFO memory.\n")
        case .memoryMallocStats:
            engine.reply.bulk("Keys are in slabs of this server's own: see INFO memory.")
        case .memoryPurge: engine.reply.ok()
        default: help(.memory)
        }
    }

    mutating func time() {
        engine.reply.array(2)
        engine.reply.bulk(now / 1000)
        engine.reply.bulk(now % 1000 * 1000)
    }

    /// WAIT count milliseconds: without replicas none acknowledges, so there is nothing to wait
    /// for.
    mutating func wait(_ call: Invocation) {
        guard call[1].canonicalInteger != nil else {
            engine.fail(.notInteger)
            return
        }
        guard let timeout = call[2].canonicalInteger else {
            engine.fail("ERR timeout is not an integer or out of range")
            return
        }
        if timeout < 0 {
            engine.fail(.negativeTimeout)
            return
        }
        engine.reply.integer(0)
    }

    // MARK: SHUTDOWN

    /// SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]
    mutating func shutDown(_ call: Invocation) {
        var saves = false
        var isForced = false
        var words: Set<String> = []
        for index in 1..<max(call.count, 1) {
            let word = call[index].string.lowercased()
            switch word {
            case "save": saves = true
            case "force": isForced = true
            case "nosave", "now", "abort": break
            default:
                engine.fail(.syntax)
                return
            }
            words.insert(word)
        }
        let isAbort = words.contains("abort")
        let isContradiction = saves && words.contains("nosave")
        if isContradiction || isAbort && words.count > 1 {
            engine.fail(.syntax)
        } else if isAbort {
            engine.fail("ERR No shutdown in progress.")
        } else if saves && !isForced {
            // There is nothing to save to, and losing the keys must be asked for.
            engine.fail("ERR Errors trying to SHUTDOWN. Check logs.")
        } else {
            outbox.append(.shutDown)
        }
    }

    // MARK: DEBUG

    func isSleep(_ call: Invocation) -> Bool {
        call.count == 3 && call[1].equalsIgnoringCase("sleep")
    }

    /// DEBUG SLEEP seconds: nobody is served for that time, and the answer comes behind it. The
    /// cores' loops go on.
    ///
    /// - Returns: false the first time; the request is read again at the end of the pause.
    mutating func sleep(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        let details = connection.state.details
        if details.isSleeping || sleepMilliseconds(call) == 0 {
            details.isSleeping = false
            sleptNanoseconds = UInt64(sleepMilliseconds(call)) * 1_000_000
            engine.reply.ok()
            return true
        }
        details.isSleeping = true
        var log = RequestLog(capacity: 1, chunkSize: 64)
        log.append(request, from: pipeline)
        announce(log.pipeline.requests[0], log.pipeline, .all)
        connection.state.stall = .paused
        return false
    }

    private func sleepMilliseconds(_ call: Invocation) -> Int64 {
        let seconds = Double(call[2].string) ?? 0
        return Int64(min(max(seconds, 0), 3600) * 1000)
    }

    /// DEBUG SLEEP seconds | SET-ACTIVE-EXPIRE 0|1 | PROTOCOL type | HELP; the rest is refused.
    mutating func isSoundDebug(_ call: Invocation) -> Bool {
        if call.count == 2, call[1].equalsIgnoringCase("help") {
            help(.debug)
            return false
        }
        if call.count == 3, call[1].equalsIgnoringCase("protocol"), debugProtocol(call[2]) {
            return false
        }
        let isKnown = isSleep(call) || isActiveExpirySwitch(call)
        if !isKnown {
            engine.fail(
                """
                ERR unknown subcommand or wrong number of arguments for \
                '\(call[1].string)'. Try DEBUG HELP.
                """)
        }
        return isKnown
    }

    private func isActiveExpirySwitch(_ call: Invocation) -> Bool {
        call.count == 3 && call[1].equalsIgnoringCase("set-active-expire")
    }

    mutating func contributeDebug(_ call: Invocation) {
        if isSleep(call) {
            pauseClients(until: now + sleepMilliseconds(call), isWritesOnly: false)
        } else if isActiveExpirySwitch(call) {
            configuration.isActiveExpiryOn = !(call[2] == Bytes("0"))
            applyConfiguration()
        }
    }
}
