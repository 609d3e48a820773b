import ArgumentParser

/// `gyre`: each subcommand is a file of its own.
struct GyreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gyre",
        abstract: "A distributed key-value store that speaks the Redis protocol.",
        subcommands: [
            ServerCommand.self, TopCommand.self, CheckCommand.self, ImportCommand.self,
            ExportCommand.self,
        ])
}
