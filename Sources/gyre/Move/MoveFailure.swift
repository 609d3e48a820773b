import Glibc

/// Why `gyre import` or `gyre export` ended before its end.
struct MoveFailure: Error {
    /// Cause and remedy.
    let message: String
    /// One of sysexits(3).
    let exitCode: Int32

    init(_ message: String, _ exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
    }

    static func unreachable(_ address: ServerAddress, _ reason: String) -> MoveFailure {
        MoveFailure(
            "No server answers at \(address.text) (\(reason)): name another with --address.",
            EX_UNAVAILABLE)
    }

    static func disconnected(_ address: ServerAddress) -> MoveFailure {
        MoveFailure("\(address.text) has closed the connection.", EX_UNAVAILABLE)
    }

    /// In the server's words.
    static func refused(_ address: ServerAddress, _ words: String) -> MoveFailure {
        if words.hasPrefix("NOAUTH") {
            return MoveFailure(
                "\(address.text) asks for a password: put it into the environment variable "
                    + "GYRE_REQUIREPASS or give --password.", EX_NOPERM)
        }
        return MoveFailure("\(address.text) refused: \(words).", EX_UNAVAILABLE)
    }
}
