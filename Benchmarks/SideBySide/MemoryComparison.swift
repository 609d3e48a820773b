/// Memory per key beyond the key and the value themselves, of fresh servers filled with keys of 16
/// bytes and values of 32. Several counts, because tables grow in steps.
struct MemoryComparison {
    private let options: SideBySideOptions
    private static let keyCounts = [1_500_000, 2_000_000, 2_500_000, 3_000_000]
    private static let payloadBytes = 48.0

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        report("Memory per key beyond key (16) and value (32), bytes")
        report(row(["keys", "gyre", "redis"]))
        var worst = [0.0, 0.0]
        for count in Self.keyCounts {
            let overheads = [
                try overhead("gyre", options.gyre, keys: count),
                try overhead("redis", redisCommand, keys: count),
            ]
            worst = zip(worst, overheads).map { max($0, $1) }
            report(row(["\(count)"] + overheads.map { decimal($0, 1) }))
        }
        report(row(["worst"] + worst.map { decimal($0, 1) }))
    }

    private func overhead(_ name: String, _ command: [String], keys: Int) throws -> Double {
        let server = try ServerProcess(name, command, cpus: [0])
        let before = try server.residentBytes()
        _ = try LoadRun(.fill(keys: keys), on: server, options)
        let after = try server.residentBytes()
        return Double(after - before) / Double(keys) - Self.payloadBytes
    }
}
