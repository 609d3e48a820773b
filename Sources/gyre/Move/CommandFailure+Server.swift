import Glibc

extension CommandFailure {
    static func unreachable(_ address: ServerAddress, _ reason: String) -> CommandFailure {
        CommandFailure(
            "No server answers at \(address.text) (\(reason)): name another with --address.",
            EX_UNAVAILABLE)
    }

    static func disconnected(_ address: ServerAddress) -> CommandFailure {
        CommandFailure("\(address.text) has closed the connection.", EX_UNAVAILABLE)
    }

    /// In the server's words.
    static func refused(_ address: ServerAddress, _ words: String) -> CommandFailure {
        if words.hasPrefix("NOAUTH") {
            return CommandFailure(
                "\(address.text) asks for a password: put it into the environment variable "
                    + "GYRE_REQUIREPASS or give --password.", EX_NOPERM)
        }
        return CommandFailure("\(address.text) refused: \(words).", EX_UNAVAILABLE)
    }
}
