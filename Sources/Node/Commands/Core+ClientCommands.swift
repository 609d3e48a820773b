// CLIENT: what a client says and asks about its own connection, and CLIENT PAUSE. The other
// connections are in Core+ClientList.swift.

import Base
import Engine

extension Core {
    mutating func runClientCommand(_ connection: ConnectionReference, _ call: Invocation) {
        let details = connection.state.details
        switch call.command {
        case .clientID: engine.reply.integer(details.number)
        case .clientInfo: engine.reply.verbatim(describe(connection) + "\n")
        case .clientGetName:
            details.name.isEmpty ? engine.reply.null() : engine.reply.bulk(details.name)
        case .clientSetName:
            if isSoundName(call[2]) {
                details.name = call[2].string
                engine.reply.ok()
            }
        case .clientSetInfo: setInfo(details, call)
        case .clientReply: setReplyMode(connection, call)
        case .clientNoEvict:
            if let isOn = readSwitch(call[2]) { connection.state.session.isNoEvict = isOn }
        case .clientNoTouch:
            if let isOn = readSwitch(call[2]) { connection.state.session.isNoTouch = isOn }
        case .clientTracking, .clientCaching, .clientGetRedirection, .clientTrackingInfo:
            runTrackingCommand(connection, call)
        case .clientHelp: help(.client)
        default: engine.reply.unknownCommand(call)
        }
    }

    /// Whether a name for a connection can stand in CLIENT LIST; answers with an error if not.
    mutating func isSoundName(_ name: Bytes) -> Bool {
        if name.isPrintable { return true }
        engine.fail("ERR Client names cannot contain spaces, newlines or special characters.")
        return false
    }

    /// CLIENT SETINFO LIB-NAME | LIB-VER value
    private mutating func setInfo(_ details: ConnectionDetails, _ call: Invocation) {
        let isName = call[2].equalsIgnoringCase("lib-name")
        if !isName, !call[2].equalsIgnoringCase("lib-ver") {
            engine.fail("ERR Unrecognized option '\(call[2].string)'")
            return
        }
        if !call[3].isPrintable {
            let option = call[2].string
            engine.fail(
                "ERR \(option) cannot contain spaces, newlines or special characters.")
            return
        }
        if isName {
            details.libraryName = call[3].string
        } else {
            details.libraryVersion = call[3].string
        }
        engine.reply.ok()
    }

    /// CLIENT REPLY ON | OFF | SKIP
    private mutating func setReplyMode(_ connection: ConnectionReference, _ call: Invocation) {
        if call[2].equalsIgnoringCase("on") {
            connection.state.session.replyMode = .on
            engine.reply.ok()
        } else if call[2].equalsIgnoringCase("off") {
            connection.state.session.replyMode = .off
        } else if call[2].equalsIgnoringCase("skip") {
            if connection.state.session.replyMode != .off {
                connection.state.session.replyMode = .skip
            }
        } else {
            engine.fail(.syntax)
        }
    }

    /// Reads ON or OFF and answers OK, or answers with an error.
    private mutating func readSwitch(_ word: Bytes) -> Bool? {
        let isOn = word.equalsIgnoringCase("on")
        if !isOn, !word.equalsIgnoringCase("off") {
            engine.fail(.syntax)
            return nil
        }
        engine.reply.ok()
        return isOn
    }

    // MARK: CLIENT PAUSE

    /// CLIENT PAUSE milliseconds [WRITE | ALL]
    mutating func isSoundPause(_ call: Invocation) -> Bool {
        guard call.count <= 4 else {
            engine.fail(
                """
                ERR unknown subcommand or wrong number of arguments for 'PAUSE'. \
                Try CLIENT HELP.
                """)
            return false
        }
        if call.count == 4, !call[3].equalsIgnoringCase("write"),
            !call[3].equalsIgnoringCase("all")
        {
            engine.fail("ERR CLIENT PAUSE mode must be WRITE or ALL")
            return false
        }
        guard let milliseconds = call[2].canonicalInteger else {
            engine.fail("ERR timeout is not an integer or out of range")
            return false
        }
        if milliseconds < 0 {
            engine.fail(.negativeTimeout)
            return false
        }
        return true
    }

    /// Pauses this core. A pause that is on is never shortened and never made milder.
    mutating func pauseClients(_ call: Invocation) {
        let isWritesOnly = call.count == 4 && call[3].equalsIgnoringCase("write")
        // As in Redis a pause beyond the end of time wraps round to one that is over.
        let end = now &+ (call[2].canonicalInteger ?? 0)
        if end > now { pauseClients(until: end, isWritesOnly: isWritesOnly) }
    }

    mutating func pauseClients(until end: Int64, isWritesOnly: Bool) {
        let isMilder = pause.isOn && !pause.isWritesOnly
        pause.isWritesOnly = isWritesOnly && !isMilder
        pause.until = max(pause.until, end)
        tickAtLatest(pause.until)
    }

    mutating func unpauseClients() {
        if !pause.isOn { return }
        pause.until = now
        resumePaused()
    }
}

extension Bytes {
    /// Whether all bytes are printing ASCII without the space, as names of connections must be.
    fileprivate var isPrintable: Bool {
        for index in 0..<count where self[index] < 0x21 || self[index] > 0x7E { return false }
        return true
    }
}
