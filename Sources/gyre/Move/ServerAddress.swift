import ArgumentParser

/// A server to move keys to or from.
struct ServerAddress: ExpressibleByArgument {
    let host: String
    let port: UInt16

    /// Reads `host:port`, `[address]:port`, `host` or `:port`.
    init?(argument: String) {
        var host = argument[...]
        var port = "6379"[...]
        if let colon = argument.lastIndex(of: ":"), !argument.hasSuffix("]") {
            host = argument[..<colon]
            port = argument[argument.index(after: colon)...]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let number = UInt16(port), number > 0 else { return nil }
        self.host = host.isEmpty || host == "localhost" ? "127.0.0.1" : String(host)
        self.port = number
    }

    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The flags that `gyre import` and `gyre export` share.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server's address.", valueName: "host:port"))
    var address = ServerAddress(argument: "127.0.0.1:6379")!

    @Option(
        help: """
            The server's password; other users of the machine see flags, so rather set the \
            environment variable GYRE_REQUIREPASS.
            """)
    var password: String?

    /// A connection that the server has let in.
    func connect() throws(CommandFailure) -> ServerConnection {
        var connection = try ServerConnection(address)
        if let password = password ?? Environment.current["GYRE_REQUIREPASS"] {
            _ = try connection.ask("AUTH", password)
        }
        _ = try connection.ask("PING")
        return connection
    }
}
