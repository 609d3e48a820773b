import ArgumentParser
import Glibc
import Settings

/// `gyre server`: one node, in the foreground until a signal ends it.
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run one node in the foreground.",
        discussion: """
            Every flag is also an environment variable (--node-port is GYRE_NODE_PORT) and, but \
            for --config, a key of the YAML file (node-port). Flags go before the environment, and \
            the environment before the file.
            """)

    @OptionGroup var flags: ServerFlags

    func run() throws {
        let settings = try SettingsSources(flags: flags.given, environment: Environment.current)
            .resolve(inheritedCPUs: Affinity.inherited)
        try runServer(settings)
    }
}
