import Settings

/// What a server says once it listens: where, and how to connect.
enum StartupBanner {
    /// The lines, with an end of line after the last.
    ///
    /// - Parameter addresses: those that were bound; optional ones may be missing from the
    ///   settings'.
    static func text(_ settings: ServerSettings, listeningOn addresses: [BindAddress]) -> String {
        let cores = settings.coreCount == 1 ? "1 core" : "\(settings.coreCount) cores"
        let hosts = addresses.map(\.text).joined(separator: ", ")
        var lines = [
            "Gyre is ready: \(cores) on CPU \(CPUList.format(settings.cpus)), "
                + "listening on \(hosts)",
            "  port \(settings.port)  any Redis client, every key",
            "  port \(settings.nodePort)  cluster-aware clients",
        ]
        if let first = settings.findPort(ofCore: 0) {
            let last = Int(first) + settings.coreCount - 1
            lines.append("  ports \(first) to \(last)  one core each")
        }
        lines.append("Connect: \(command(settings, addresses: addresses))    Stop: Ctrl-C")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The password is left to the reader: what a terminal shows ends up in logs.
    private static func command(_ settings: ServerSettings, addresses: [BindAddress]) -> String {
        let isLocal = addresses.contains { ["127.0.0.1", "0.0.0.0"].contains($0.text) }
        let host = isLocal ? nil : addresses.first.map { " -h \($0.text)" }
        let login = settings.password == nil ? "" : " --askpass"
        return "redis-cli\(host ?? "") -p \(settings.port)\(login)"
    }
}
