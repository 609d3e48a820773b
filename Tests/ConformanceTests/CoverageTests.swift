import Foundation
import TestSupport
import Testing

/// Commands that no generated script calls: a script could not go on behind them, or their replies
/// are each server's own. A suite written by hand has them instead.
struct WrittenCoverage: Sendable {
    /// As COMMAND INFO names them.
    let commands: [String]
    /// Folder and name under Tests/; the file bears the suite's name.
    let suite: String
    let reason: String

    init(_ commands: String, _ suite: String, _ reason: String) {
        self.commands = commands.split(separator: " ").map(String.init)
        self.suite = suite
        self.reason = reason
    }

    static let all: [WrittenCoverage] = [
        .init("quit", "ConformanceTests/ProtocolConformanceTests", "it closes the connection"),
        .init(
            "dbsize", "ConformanceTests/CallGenerator",
            "expired keys count until they are met, so the generator asks behind a look at each"),
        .init(
            "command|list command|docs", "ConformanceTests/IntrospectionConformanceTests",
            "Redis has commands that Gyre has not yet, and words of its own"),
        .init(
            "dump restore", "ConformanceTests/PayloadConformanceTests",
            "each server's payloads are its own"),
        .init(
            "save bgsave bgrewriteaof lastsave waitaof",
            "ConformanceTests/PersistenceConformanceTests",
            "what comes behind them depends on when they end; the reference has no WAITAOF"),
        .init("config|rewrite", "EndToEndTests/ConfigRewriteTests", "it writes a file"),
        .init(
            "client|setinfo client|no-touch", "ConformanceTests/ClientConformanceTests",
            "Redis has them since 7.2; the reference is 7.0"),
        .init(
            "pfselftest", "ConformanceTests/HyperLogLogConformanceTests",
            "it takes the reference a second"),
        .init(
            "latency|graph latency|histogram slowlog|get slowlog|len memory|doctor "
                + "memory|malloc-stats memory|purge memory|stats",
            "ConformanceTests/InsightConformanceTests", "the figures are each server's own"),
        .init(
            "cluster|countkeysinslot cluster|getkeysinslot cluster|keyslot cluster|myid "
                + "cluster|slots cluster|shards cluster|nodes cluster|info asking readonly "
                + "readwrite",
            "ConformanceTests/ClusterConformanceTests",
            "the reference must be in cluster mode, which knows no other database"),
        .init("cluster|help", "NodeTests/ClusterCommandTests", "help is worded by each server"),
        .init(
            "monitor", "NodeTests/MonitorTests",
            "the connection shows what others do, in no certain order"),
        .init(
            "client|caching client|getredir client|tracking client|trackinginfo",
            "ConformanceTests/TrackingConformanceTests", "messages come between replies"),
        .init(
            "publish spublish subscribe psubscribe ssubscribe unsubscribe punsubscribe "
                + "sunsubscribe pubsub pubsub|channels pubsub|numpat pubsub|numsub pubsub|help "
                + "pubsub|shardchannels pubsub|shardnumsub",
            "ConformanceTests/ChannelConformanceTests", "messages come between replies"),
    ]
}

/// Every command is compared with redis-server, or a test is named that has it.
@Suite struct CoverageTests {
    /// What patterns call: names, and with their subcommands.
    private static let generated: Set<String> = {
        var names: Set<String> = []
        for pattern in Profile.allCases.flatMap(\.patterns) {
            guard case .word(let name) = pattern.head.first else { continue }
            names.insert(name.lowercased())
            guard pattern.head.count > 1, case .word(let second) = pattern.head[1] else { continue }
            names.insert("\(name)|\(second)".lowercased())
        }
        return names
    }()

    /// The command table, as the server tells it.
    private static func commands() throws -> [String] {
        let server = try ServerProcess(.subject)
        let client = try server.connect()
        func names(_ rows: Reply?) -> [String] {
            (rows?.elements ?? []).flatMap { row -> [String] in
                guard let fields = row.elements, fields.count >= 10 else { return [] }
                let subcommands = names(fields[9])
                // A container by itself is only a name for its subcommands.
                let own = subcommands.isEmpty ? [fields[0].text ?? ""] : []
                return own + subcommands
            }
        }
        return names(try client.call("COMMAND"))
    }

    @Test func everyCommandHasAPatternOrATest() throws {
        let commands = try Self.commands()
        #expect(commands.count > 200)
        let written = Set(WrittenCoverage.all.flatMap(\.commands))
        let uncovered = commands.filter { !Self.generated.contains($0) && !written.contains($0) }
        #expect(
            uncovered.isEmpty,
            "add a pattern to CallPatterns, or a row to WrittenCoverage with the test")
        let unknown = WrittenCoverage.all.flatMap(\.commands).filter { name in
            !commands.contains(name) && !commands.contains { $0.hasPrefix("\(name)|") }
        }
        #expect(unknown.isEmpty, "there is no such command")
    }

    /// The suites that are named exist, and say the commands' names.
    @Test(arguments: WrittenCoverage.all.indices)
    func namedSuitesExist(index: Int) throws {
        let row = WrittenCoverage.all[index]
        let path = "\(ServerProgram.packageRoot)/Tests/\(row.suite).swift"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let name = row.suite.split(separator: "/").last.map(String.init) ?? ""
        #expect(text.contains("struct \(name)"), "\(path)")
        let upper = text.uppercased()
        for command in row.commands {
            let words = command.uppercased().replacing("|", with: " ")
            let isNamed =
                upper.contains(words) || upper.contains(command.uppercased())
                || upper.contains(words.replacing(" ", with: "\", \""))
            #expect(isNamed, "\(row.suite) does not mention \(words)")
        }
    }

    /// What a pattern can do need not be listed.
    @Test func listIsShort() {
        let listed = WrittenCoverage.all.flatMap(\.commands)
        #expect(Set(listed).count == listed.count, "a command is listed once")
        let both = listed.filter { Self.generated.contains($0) }
        // Patterns meet these only with arguments that leave nothing to tell.
        #expect(Set(both).subtracting(["command|list", "command|docs"]).isEmpty)
    }
}
