// PING, ECHO, AUTH, HELLO, SELECT, QUIT, RESET and the commands about one's own connection.

import Base
import Engine

extension Core {
    mutating func runConnectionCommand(_ connection: ConnectionReference, _ call: Invocation) {
        switch call.command {
        case .ping: ping(connection, call)
        case .echo: engine.reply.bulk(call[1])
        case .auth: auth(connection, call)
        case .hello: hello(connection, call)
        case .select: select(connection, call)
        case .quit:
            engine.reply.ok()
            connection.state.isClosing = true
        case .reset: reset(connection)
        default: runClientCommand(connection, call)
        }
    }

    /// PING [message]: a client that can read nothing but messages is answered with one.
    private mutating func ping(_ connection: ConnectionReference, _ call: Invocation) {
        if call.count > 2 {
            engine.reply.wrongArity("ping")
        } else if connection.state.session.isConfinedToChannels {
            engine.reply.array(2)
            engine.reply.bulk("pong")
            engine.reply.bulk(call.count == 2 ? call[1] : Bytes())
        } else if call.count == 2 {
            engine.reply.bulk(call[1])
        } else {
            engine.reply.pong()
        }
    }

    /// SELECT index: there is one database.
    private mutating func select(_ connection: ConnectionReference, _ call: Invocation) {
        guard let number = call[1].canonicalInteger, Int64(Int32(clamping: number)) == number
        else {
            engine.fail(.notInteger)
            return
        }
        if number == 0 {
            engine.reply.ok()
        } else {
            let isGateway = connection.state.details.listener == .gateway
            engine.fail(isGateway ? .invalidDatabase : .databaseNotHere)
        }
    }

    // MARK: AUTH

    /// AUTH [username] password
    private mutating func auth(_ connection: ConnectionReference, _ call: Invocation) {
        if call.count > 3 {
            engine.fail(.syntax)
            return
        }
        if call.count == 2, configuration.password.isEmpty {
            engine.fail(.noPasswordSet)
            return
        }
        let user = call.count == 3 ? call[1] : Bytes("default")
        if authenticate(connection, user, call[call.count - 1]) {
            engine.reply.ok()
        } else {
            engine.fail(.wrongPassword)
        }
    }

    /// Logs the connection in; there is one user, "default".
    private mutating func authenticate(
        _ connection: ConnectionReference, _ user: Bytes, _ password: Bytes
    ) -> Bool {
        if !(user == Bytes("default")) { return false }
        if !configuration.password.isEmpty {
            let isRight = OwnedBytes(configuration.password).withBytes { $0.matches(password) }
            if !isRight { return false }
        }
        connection.state.session.isAuthenticated = true
        return true
    }

    // MARK: HELLO

    /// HELLO [version [AUTH username password] [SETNAME name]]
    private mutating func hello(_ connection: ConnectionReference, _ call: Invocation) {
        var version = connection.state.session.version
        if call.count > 1 {
            guard let number = call[1].canonicalInteger else {
                engine.fail("ERR Protocol version is not an integer or out of range")
                return
            }
            guard number == 2 || number == 3 else {
                engine.fail("NOPROTO unsupported protocol version")
                return
            }
            version = number == 2 ? .resp2 : .resp3
        }
        if !takeHelloOptions(connection, call) { return }
        if !connection.state.session.isAuthenticated {
            engine.fail(
                """
                NOAUTH HELLO must be called with the client already authenticated, otherwise \
                the HELLO AUTH <user> <pass> option can be used to authenticate the client and \
                select the RESP protocol version at the same time
                """)
            return
        }
        connection.state.session.version = version
        engine.reply.version = version
        describeServer(connection)
    }

    /// Takes what follows the version, word by word: as in Redis a name stands even if a later word
    /// is refused.
    ///
    /// - Returns: false after an error.
    private mutating func takeHelloOptions(
        _ connection: ConnectionReference, _ call: Invocation
    ) -> Bool {
        var index = 2
        while index < call.count {
            let left = call.count - index - 1
            if call[index].equalsIgnoringCase("auth"), left >= 2 {
                if !authenticate(connection, call[index + 1], call[index + 2]) {
                    engine.fail(.wrongPassword)
                    return false
                }
                index += 3
            } else if call[index].equalsIgnoringCase("setname"), left >= 1 {
                if !isSoundName(call[index + 1]) { return false }
                connection.state.details.name = call[index + 1].string
                index += 2
            } else {
                engine.fail("ERR Syntax error in HELLO option '\(call[index].string)'")
                return false
            }
        }
        return true
    }

    private mutating func describeServer(_ connection: ConnectionReference) {
        engine.reply.map(7)
        engine.reply.bulk("server")
        engine.reply.bulk("redis")
        engine.reply.bulk("version")
        engine.reply.bulk(ServerVersion.redis)
        engine.reply.bulk("proto")
        engine.reply.integer(Int(connection.state.session.version.rawValue))
        engine.reply.bulk("id")
        engine.reply.integer(connection.state.details.number)
        engine.reply.bulk("mode")
        engine.reply.bulk(connection.state.details.listener.modeName)
        engine.reply.bulk("role")
        engine.reply.bulk("master")
        engine.reply.bulk("modules")
        engine.reply.array(0)
    }

    // MARK: RESET

    /// Puts the connection back into the state in which it was accepted.
    private mutating func reset(_ connection: ConnectionReference) {
        endTransaction(connection)
        unwatchAll(connection)
        dropSubscriptions(connection)
        endMonitoring(connection)
        dropTracking(connection)
        connection.state.session = Session()
        connection.state.session.isRedirecting = connection.state.details.listener == .core
        connection.state.session.isAuthenticated = configuration.password.isEmpty
        connection.state.details.name = ""
        engine.reply.version = .resp2
        engine.reply.simple("RESET")
    }
}

/// The versions that the server reports.
enum ServerVersion {
    /// The Redis whose commands and replies are spoken; clients decide by it what they may send.
    static let redis: StaticString = "7.0.15"
    static let gyre: StaticString = "0.1.0"
}

extension Listener {
    /// What HELLO and INFO call the kind of server that this port presents.
    var modeName: StaticString { self == .gateway ? "standalone" : "cluster" }
}

extension Bytes {
    /// Whether both are alike, in a time that does not tell how far they are.
    fileprivate func matches(_ other: Bytes) -> Bool {
        var difference: UInt8 = count == other.count ? 0 : 1
        for index in 0..<min(count, other.count) { difference |= self[index] ^ other[index] }
        return difference == 0
    }
}
