import Foundation

/// The figures of one interval, a row for each core and one for all.
struct TopTable {
    /// A row's figures. Those of several cores add up.
    struct Row {
        var name: String
        var operations = 0.0
        var hits = 0.0
        var misses = 0.0
        var latencies: [Int: Int] = [:]
        var busy = 0.0
        var memory = 0.0
        var keys = 0.0
        var clients = 0.0
        /// Requests that went to another core, and that came from one.
        var hopsOut = 0.0
        var hopsIn = 0.0
    }

    /// Cores in the order of their numbers, then all of them, where there are several.
    let rows: [Row]
    private let uptimeSeconds: Int
    private let coreCount: Int
    private let clientCount: Int

    init(_ sample: TopSample, since earlier: TopSample) {
        let seconds = max(sample.seconds - earlier.seconds, 0.001)
        uptimeSeconds = Int(sample.server["uptime_in_seconds"] ?? "") ?? 0
        var rows = sample.cores.map { core in
            Row(core, since: earlier.cores.first { $0.number == core.number }, seconds: seconds)
        }
        coreCount = rows.count
        clientCount = Int(rows.reduce(0.0) { $0 + $1.clients })
        if rows.count > 1 {
            var all = rows.dropFirst().reduce(rows[0]) { $0.adding($1) }
            all.name = "all"
            all.busy /= Double(rows.count)
            rows.append(all)
        }
        self.rows = rows
    }

    /// How large the server is and how long it has been there.
    var summary: String {
        let cores = coreCount == 1 ? "1 core" : "\(coreCount) cores"
        let clients = clientCount == 1 ? "1 client" : "\(clientCount) clients"
        return "\(cores)  \(clients)  up \(Self.duration(uptimeSeconds))"
    }

    /// The table as text.
    func lines(title: String) -> [String] {
        [title, "", Self.columns.map { $0.title.padded($0.width) }.joined()]
            + rows.map { row in
                Self.columns.map { $0.value(row).padded($0.width) }.joined()
            }
    }

    // MARK: Columns

    private struct Column {
        let title: String
        let width: Int
        let value: @Sendable (Row) -> String

        init(_ title: String, _ width: Int, _ value: @escaping @Sendable (Row) -> String) {
            self.title = title
            self.width = width
            self.value = value
        }
    }

    /// The most telling ones come first: a narrow terminal cuts off the others.
    private static let columns = [
        Column("core", 5) { $0.name },
        Column("ops/s", 9) { short($0.operations) },
        Column("hit %", 8) { share($0.hits, of: $0.hits + $0.misses) },
        Column("p50", 9) { latency($0.latencies, 0.5) },
        Column("p99", 9) { latency($0.latencies, 0.99) },
        Column("p99.9", 9) { latency($0.latencies, 0.999) },
        Column("busy %", 8) { share($0.busy, of: 1) },
        Column("memory", 9) { bytes($0.memory) },
        Column("keys", 9) { short($0.keys) },
        Column("clients", 9) { short($0.clients) },
        Column("hops/s", 9) { short($0.hopsOut) },
        Column("hop %", 8) { share($0.hopsOut, of: $0.operations - $0.hopsIn + $0.hopsOut) },
        Column("from/s", 9) { short($0.hopsIn) },
    ]

    // MARK: Figures as text

    /// "0.5", "42", "1.2k", "3.4M".
    static func short(_ value: Double) -> String {
        scaled(value, by: 1000, ["", "k", "M", "G", "T"])
    }

    /// "512", "1.2K", "3.4M" in powers of 1024.
    static func bytes(_ value: Double) -> String {
        scaled(value, by: 1024, ["", "K", "M", "G", "T"])
    }

    private static func scaled(_ value: Double, by step: Double, _ units: [String]) -> String {
        var (value, unit) = (value, 0)
        while value >= step - 0.5, unit + 1 < units.count {
            value /= step
            unit += 1
        }
        let isWhole = value >= 99.95 || value == value.rounded()
        return (isWhole ? "\(Int(value.rounded()))" : decimal(value)) + units[unit]
    }

    /// To one digit behind the point.
    private static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// In per cent; "-" of nothing.
    static func share(_ part: Double, of whole: Double) -> String {
        whole > 0 ? decimal(100 * part / whole) : "-"
    }

    /// The time that so many of the calls did not exceed; "-" without calls.
    static func latency(_ latencies: [Int: Int], _ part: Double) -> String {
        let total = latencies.values.reduce(0, +)
        let wanted = max(1, Int((part * Double(total)).rounded(.up)))
        var seen = 0
        for (bound, count) in latencies.sorted(by: { $0.key < $1.key }) {
            seen += count
            if seen >= wanted { return time(nanoseconds: bound) }
        }
        return "-"
    }

    /// "850ns", "12µs", "3.4ms", "1.2s".
    static func time(nanoseconds: Int) -> String {
        let units = ["ns", "µs", "ms"]
        var (value, unit) = (Double(nanoseconds), 0)
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        if value >= 999.5 { return decimal(value / 1000) + "s" }
        return (value >= 99.95 || unit == 0 ? "\(Int(value.rounded()))" : decimal(value))
            + units[unit]
    }

    /// "3d 4h", "4h 5m", "5m 6s", "6s".
    static func duration(_ seconds: Int) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let first = parts.firstIndex { $0.0 > 0 } ?? 3
        return parts[first...].prefix(2).map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}

extension TopTable.Row {
    fileprivate init(_ core: TopCore, since earlier: TopCore?, seconds: Double) {
        func rate(_ field: String) -> Double { core.growth(of: field, since: earlier) / seconds }
        name = "\(core.number)"
        operations = rate("ops")
        hits = rate("hits")
        misses = rate("misses")
        latencies = core.latencies(since: earlier)
        let busy = core.growth(of: "busy_usec", since: earlier)
        let idle = core.growth(of: "idle_usec", since: earlier)
        self.busy = busy + idle > 0 ? busy / (busy + idle) : 0
        memory = core["memory"]
        keys = core["keys"]
        clients = core["connections"]
        hopsOut = rate("hops_out")
        hopsIn = rate("hops_in")
    }

    fileprivate func adding(_ other: TopTable.Row) -> TopTable.Row {
        var sum = self
        sum.operations += other.operations
        sum.hits += other.hits
        sum.misses += other.misses
        sum.latencies.merge(other.latencies, uniquingKeysWith: +)
        sum.busy += other.busy
        sum.memory += other.memory
        sum.keys += other.keys
        sum.clients += other.clients
        sum.hopsOut += other.hopsOut
        sum.hopsIn += other.hopsIn
        return sum
    }
}

extension String {
    /// Flush right in so many columns.
    fileprivate func padded(_ width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}
