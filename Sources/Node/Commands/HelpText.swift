import Base
import Engine

/// What CLIENT HELP and its like answer: the subcommands, each with a line on what it does.
enum HelpText {
    case client
    case cluster
    case command
    case config
    case debug
    case latency
    case memory
    case module
    case object
    case pubSub
    case slowlog

    var title: String {
        switch self {
        case .client: "CLIENT"
        case .cluster: "CLUSTER"
        case .command: "COMMAND"
        case .config: "CONFIG"
        case .debug: "DEBUG"
        case .latency: "LATENCY"
        case .memory: "MEMORY"
        case .module: "MODULE"
        case .object: "OBJECT"
        case .pubSub: "PUBSUB"
        case .slowlog: "SLOWLOG"
        }
    }

    /// The container whose rows describe the subcommands; DEBUG has none.
    var container: CommandID? {
        switch self {
        case .client: .client
        case .cluster: .cluster
        case .command: .command
        case .config: .config
        case .debug: nil
        case .latency: .latency
        case .memory: .memory
        case .module: .module
        case .object: .object
        case .pubSub: .pubsub
        case .slowlog: .slowlog
        }
    }

    static let debugLines = [
        "SLEEP <seconds>", "    Serve nobody for so long. Fractions are taken.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    Whether keys that are due are removed before somebody asks for them.",
        "HELP", "    This list.",
    ]
}

extension Core {
    mutating func help(_ topic: HelpText) {
        var lines = ["\(topic.title) <subcommand> [<arg> ...]. Subcommands are:"]
        if let container = topic.container {
            let prefix = "\(container.row.name)|"
            for row in CommandTable.rows {
                let name = "\(row.name)"
                guard name.hasPrefix(prefix) else { continue }
                lines.append(name.dropFirst(prefix.count).uppercased())
                lines.append("    \(row.summary)")
            }
        } else {
            lines += HelpText.debugLines
        }
        engine.reply.array(lines.count)
        for line in lines { engine.reply.simple(line) }
    }
}
