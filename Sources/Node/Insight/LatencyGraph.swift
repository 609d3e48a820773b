/// LATENCY GRAPH: an event's latest samples as columns of characters, the oldest on the left, and
/// below each how long ago it was.
struct LatencyGraph {
    let text: String

    private static let columnCountMax = 80
    private static let rowCount = 4
    /// A column ends in one of these, by the part of a row that it fills.
    private static let tips: [Character] = ["_", "o", "#"]

    /// - Parameter now: seconds since 1970.
    init(_ event: LatencyEvent, _ series: LatencySeries, now: Int64) {
        let samples = series.samples.suffix(Self.columnCountMax)
        let high = samples.reduce(0) { max($0, $1.milliseconds) }
        let low = samples.reduce(Int64.max) { min($0, $1.milliseconds) }
        var text = "\(event.name) - high \(high) ms, low \(low) ms"
        text += " (all time high \(series.longest) ms)\n"
        text += String(repeating: "-", count: Self.columnCountMax) + "\n"
        let levels = samples.map { Self.level($0.milliseconds, low, high) }
        for row in (0..<Self.rowCount).reversed() {
            for level in levels { text.append(Self.character(level, row)) }
            text += "\n"
        }
        text += "\n" + Self.ages(samples.map { now - $0.second })
        self.text = text
    }

    /// How high a column is, in thirds of a row: 1...12.
    private static func level(_ value: Int64, _ low: Int64, _ high: Int64) -> Int {
        let levelCount = rowCount * tips.count
        if high == low { return 1 }
        return 1 + Int((value - low) * Int64(levelCount - 1) / (high - low))
    }

    private static func character(_ level: Int, _ row: Int) -> Character {
        let inRow = level - row * tips.count
        if inRow <= 0 { return " " }
        return inRow > tips.count ? "|" : tips[inRow - 1]
    }

    /// The samples' ages, written downwards.
    private static func ages(_ seconds: [Int64]) -> String {
        let labels = seconds.map { seconds in
            switch seconds {
            case ..<60: "\(seconds)s"
            case ..<3600: "\(seconds / 60)m"
            case ..<86_400: "\(seconds / 3600)h"
            default: "\(seconds / 86_400)d"
            }
        }
        var text = ""
        for line in 0..<(labels.map(\.count).max() ?? 0) {
            for label in labels {
                let place = label.index(
                    label.startIndex, offsetBy: line, limitedBy: label.endIndex)
                text.append(place.map { $0 < label.endIndex ? label[$0] : " " } ?? " ")
            }
            text += "\n"
        }
        return text
    }
}

/// LATENCY DOCTOR: what the samples mean, in sentences.
struct LatencyDoctor {
    let text: String

    init(_ report: LatencyReport, thresholdMilliseconds: Int) {
        let events = LatencyEvent.allCases.filter { !report[$0].samples.isEmpty }
        if thresholdMilliseconds == 0, events.isEmpty {
            text = """
                The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> \
                turns it on.

                """
            return
        }
        if events.isEmpty {
            text = "Nothing took \(thresholdMilliseconds) ms or longer.\n"
            return
        }
        var lines = ["These events took \(thresholdMilliseconds) ms or longer:", ""]
        for event in events { lines.append(Self.describe(event, report[event])) }
        lines.append("")
        lines += events.map(Self.advice)
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func describe(_ event: LatencyEvent, _ series: LatencySeries) -> String {
        let count = Int64(series.samples.count)
        let sum = series.samples.reduce(0) { $0 + $1.milliseconds }
        let mean = sum / count
        let deviation = series.samples.reduce(0) { $0 + abs($1.milliseconds - mean) } / count
        let seconds = (series.samples.last?.second ?? 0) - (series.samples.first?.second ?? 0)
        let every = count > 1 ? ", one each \(seconds / (count - 1)) s" : ""
        return """
            - \(event.name): \(count) (mean \(mean) ms, mean deviation \(deviation) ms\(every)), \
            the longest ever \(series.longest) ms
            """
    }

    private static func advice(_ event: LatencyEvent) -> String {
        switch event {
        case .command:
            """
            command: SLOWLOG GET shows which. Split large values, walk with SCAN instead of KEYS, \
            and name fewer keys in one call.
            """
        case .fastCommand:
            """
            fast-command: these take no time of their own, so something kept the core: very long \
            values, a CPU that it shares, or memory that is swapped out. INFO cores shows each \
            core's longest turn.
            """
        case .expireCycle:
            """
            expire-cycle: many keys expire at once. Spread their times to live.
            """
        }
    }
}
