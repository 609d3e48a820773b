import Foundation

/// What the cores told at one moment.
struct TopSample {
    /// Fields of the section server.
    let server: [String: String]
    /// In the order of their numbers.
    let cores: [TopCore]
    /// When it was taken, in seconds of a clock that only goes forward.
    let seconds: Double

    /// - Throws: ``TopFailure``.
    init(_ connection: borrowing TopConnection) throws {
        let text = try connection.ask(["INFO", "server", "cores", "corelatency"])
        try self.init(text, seconds: ProcessInfo.processInfo.systemUptime)
    }

    /// - Parameter text: of INFO's sections server, cores and corelatency.
    /// - Throws: ``TopFailure/notGyre`` where there are no cores.
    init(_ text: String, seconds: Double) throws {
        self.seconds = seconds
        var sections: [String: [String: String]] = [:]
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("# ") {
                section = String(line.dropFirst(2))
            } else if let (name, value) = line.divided(at: ":") {
                sections[section, default: [:]][name] = value
            }
        }
        server = sections["Server"] ?? [:]
        let latencies = sections["Corelatency"] ?? [:]
        cores = (sections["Cores"] ?? [:]).compactMap { name, line in
            TopCore(name, line, latencies[name] ?? "")
        }.sorted { $0.number < $1.number }
        if cores.isEmpty { throw TopFailure.notGyre }
    }
}

/// What one core told: its counters since the server started.
struct TopCore {
    let number: Int
    private let fields: [String: Double]
    /// How many calls took at most so many nanoseconds, and longer than the bound before.
    let latencies: [Int: Int]

    /// - Parameters:
    ///   - name: "core0".
    ///   - line: "field=value,…" of the section cores.
    ///   - histogram: "nanoseconds=calls,…" of the section corelatency.
    init?(_ name: String, _ line: String, _ histogram: String) {
        guard name.hasPrefix("core"), let number = Int(name.dropFirst(4)) else { return nil }
        self.number = number
        var fields: [String: Double] = [:]
        for word in line.split(separator: ",") {
            guard let (name, value) = word.divided(at: "=") else { continue }
            fields[name] = Double(value)
        }
        self.fields = fields
        var latencies: [Int: Int] = [:]
        for word in histogram.split(separator: ",") {
            guard let (bound, count) = word.divided(at: "="), let bound = Int(bound) else {
                continue
            }
            latencies[bound] = Int(count)
        }
        self.latencies = latencies
    }

    subscript(field: String) -> Double { fields[field] ?? 0 }

    /// By how much a counter has grown. One that CONFIG RESETSTAT has put back counts from there.
    func growth(of field: String, since earlier: TopCore?) -> Double {
        let before = earlier?[field] ?? 0
        return self[field] >= before ? self[field] - before : self[field]
    }

    /// The calls that came since, by how long they took.
    func latencies(since earlier: TopCore?) -> [Int: Int] {
        guard let earlier, self["ops"] >= earlier["ops"] else { return latencies }
        return latencies.merging(earlier.latencies) { $0 - $1 }.filter { $0.value > 0 }
    }
}

extension Substring {
    /// What stands before and behind the first `separator`.
    fileprivate func divided(at separator: Character) -> (String, String)? {
        guard let place = firstIndex(of: separator) else { return nil }
        return (String(self[..<place]), String(self[index(after: place)...]))
    }
}
