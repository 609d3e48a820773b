import Foundation

/// One kind of load.
struct LoadSpecification {
    let name: String
    let connections: Int
    let pipeline: Int
    let keys: Int
    let mode: String

    static let all = [
        LoadSpecification(name: "P1", connections: 50, pipeline: 1, keys: 100_000, mode: "mix"),
        LoadSpecification(name: "C500", connections: 500, pipeline: 1, keys: 100_000, mode: "mix"),
        LoadSpecification(name: "P16", connections: 50, pipeline: 16, keys: 2_000_000, mode: "mix"),
        LoadSpecification(
            name: "P16set", connections: 50, pipeline: 16, keys: 2_000_000, mode: "set"),
        LoadSpecification(name: "P64", connections: 50, pipeline: 64, keys: 100_000, mode: "mix"),
    ]

    /// SET of each of these keys, once.
    static func fill(keys: Int) -> LoadSpecification {
        LoadSpecification(name: "fill", connections: 50, pipeline: 64, keys: keys, mode: "fill")
    }
}

/// A run of the load generator against one server.
struct LoadRun {
    /// CPU time of the server per operation.
    let cpuNanoseconds: Double
    let operationsPerSecond: Double

    /// - Parameters:
    ///   - other: when given, a server of its own that gets half of the slots.
    ///   - corePort: when given, keys go to their owners' own endpoints, asked for here.
    init(
        _ load: LoadSpecification, on server: ServerProcess, and other: ServerProcess? = nil,
        _ options: SideBySideOptions, corePort: UInt16? = nil
    ) throws {
        let servers = [server] + (other.map { [$0] } ?? [])
        let ports = corePort.map { [$0] } ?? servers.map(\.port)
        var arguments = [
            "--port", ports.map { "\($0)" }.joined(separator: ","),
            "--connections", "\(load.connections)",
            "--pipeline", "\(load.pipeline)", "--keys", "\(load.keys)", "--mode", load.mode,
            "--seconds", "\(options.seconds)", "--cpu", "\(options.loadCPU)",
            "--server-pid", servers.map { "\($0.pid)" }.joined(separator: ","),
        ]
        if corePort != nil { arguments.append("--cluster") }
        let text = try LoadRun.output(of: arguments)
        let pairs = text.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=") }
        let figures = Dictionary(
            pairs.filter { $0.count == 2 }.map { ($0[0], Double($0[1]) ?? .nan) },
            uniquingKeysWith: { first, _ in first })
        guard let cpu = figures["server_cpu_ns_per_operation"], let rate = figures["per_second"],
            figures["errors"] == 0
        else { throw Failure("\(load.name) on \(server.name): \(text)") }
        cpuNanoseconds = cpu
        operationsPerSecond = rate
    }

    private static func output(of arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Executables.path(of: "load"))
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
