/// What to compare, and how long.
struct SideBySideOptions {
    enum Mode: String {
        case cpu, memory, collections, compression, cores, suite, cache, log
    }

    var mode = Mode.cpu
    /// Interleaved runs of each load on each server; the median counts.
    var rounds = 5
    /// Measured time of one run.
    var seconds = 2.0
    /// Loads to run, by name, parts of the names of collections, limits or sizes of values; empty
    /// for all.
    var only: [String] = []
    /// Keys of the mode `log`.
    var keys = 2_000_000
    /// Where the load generator runs; single-core servers run on CPU 0.
    var loadCPU = 1
    /// Gyre's command line with placeholders (``ServerProcess/start(_:cpus:cores:)``).
    var gyre = [
        Executables.path(of: "gyre"), "server", "--cores", "{cores}", "--port", "{port}",
        "--node-port", "{node_port}", "--core-ports", "{core_port}",
    ]

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        if let first = rest.first, let mode = Mode(rawValue: first) {
            self.mode = mode
            rest.removeFirst()
        }
        while let name = rest.popFirst() {
            if name == "--" {
                if !rest.isEmpty { gyre = Array(rest) }
                return
            }
            if name == "--quick" {
                rounds = 1
                seconds = 0.5
                keys = 100_000
                continue
            }
            guard let value = rest.popFirst() else { throw Failure("\(name): no value") }
            switch name {
            case "--rounds": rounds = try SideBySideOptions.number(name, value)
            case "--keys": keys = try SideBySideOptions.number(name, value)
            case "--load-cpu": loadCPU = try SideBySideOptions.number(name, value)
            case "--seconds":
                guard let number = Double(value) else { throw Failure("\(name): \(value)") }
                seconds = number
            case "--only": only = value.split(separator: ",").map { String($0) }
            default: throw Failure("\(name): unknown\n\(SideBySideOptions.usage)")
            }
        }
    }

    private static func number(_ name: String, _ value: String) throws -> Int {
        guard let number = Int(value), number >= 0 else { throw Failure("\(name): \(value)") }
        return number
    }

    static let usage = """
        usage: side-by-side [cpu|memory|collections|compression|cores|suite|cache|log]
                            [--rounds 5] [--seconds 2] [--keys 2000000] [--quick]
                            [--only P1,P16] [--load-cpu 1]
                            [-- gyre server --port {port} …]
        """
}

/// A comparison that cannot go on, and why.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
