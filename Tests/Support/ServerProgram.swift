import Foundation

/// How a test wants its server.
public struct ServerOptions: Sendable {
    public var cores: Int
    public var password: String?
    public var clientsMax: Int?
    public var opensCorePorts: Bool
    /// Further words of the command line, as they are.
    public var extra: [String]
    /// Whether the server counts as started only once it has its data.
    public var waitsForData = true

    public init(
        cores: Int = 1, password: String? = nil, clientsMax: Int? = nil,
        opensCorePorts: Bool = false, extra: [String] = []
    ) {
        self.cores = cores
        self.password = password
        self.clientsMax = clientsMax
        self.opensCorePorts = opensCorePorts
        self.extra = extra
    }
}

/// The ports a server was started with; a server without node or core ports has only the first.
public struct ServerPorts: Sendable {
    public let gateway: UInt16
    public let node: UInt16
    public let firstCore: UInt16
}

/// A server's command line with places for what differs from start to start: `{port}`,
/// `{node-port}`, `{cores}`. The word `""` is the empty argument.
public struct ServerProgram: Sendable {
    public let template: [String]

    public init(template: String) {
        self.template = template.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) }
    }

    /// The server under test: `GYRE_TEST_SERVER`, or the release build of this package.
    public static let subject = ServerProgram(
        template: ProcessInfo.processInfo.environment["GYRE_TEST_SERVER"]
            ?? """
            \(packageRoot)/.build/release/gyre server --host 127.0.0.1 --port {port} \
            --node-port {node-port} --cores {cores}
            """)

    /// The server that is right by definition: `GYRE_REFERENCE_SERVER`, or redis-server 7.0 with
    /// one database, as a Gyre cluster has.
    public static let reference = ServerProgram(
        template: ProcessInfo.processInfo.environment["GYRE_REFERENCE_SERVER"]
            ?? """
            redis-server --port {port} --bind 127.0.0.1 --save "" --appendonly no \
            --databases 1 --enable-debug-command yes
            """)

    /// The directory of Package.swift.
    public static let packageRoot: String = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// Whether the server has a node port and core ports.
    public var hasNodePort: Bool { template.contains { $0.contains("{node-port}") } }

    /// The numbers of cores to test with: one and two, or one where the server has no such setting.
    public var coreCounts: [Int] {
        template.contains { $0.contains("{cores}") } ? [1, 2] : [1]
    }

    /// The whole command line.
    func arguments(ports: ServerPorts, options: ServerOptions) -> [String] {
        var words = template.map { word in
            word.replacing("{port}", with: "\(ports.gateway)")
                .replacing("{node-port}", with: "\(ports.node)")
                .replacing("{cores}", with: "\(options.cores)")
        }
        if let password = options.password { words += ["--requirepass", password] }
        if let clientsMax = options.clientsMax { words += ["--maxclients", "\(clientsMax)"] }
        if options.opensCorePorts { words += ["--core-ports", "\(ports.firstCore)"] }
        return words + options.extra
    }

    /// The executable's path: as written, or looked up in PATH.
    func executable() throws -> String {
        let name = template.first ?? ""
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = name.contains("/") ? [name] : directories.map { "\($0)/\(name)" }
        if let path = candidates.first(where: FileManager.default.isExecutableFile) { return path }
        throw ServerFailure(
            """
            There is no server at '\(name)'. Build it (swift build -c release), install it \
            (apt-get install redis-server), or name another: GYRE_TEST_SERVER is the command line \
            of the server under test, with {port}, {node-port} and {cores} in their places.
            """)
    }
}

/// A server did not start, or did not do what every server does.
public struct ServerFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
