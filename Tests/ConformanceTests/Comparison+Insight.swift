import TestSupport

/// What is left of a reply on how long calls took once the times are taken away; nil where the
/// reply does not have the form that clients read.
extension Comparison {
    static func slowLogCalls(_ reply: Reply) -> [String]? {
        guard let entries = reply.elements else { return nil }
        var calls: [String] = []
        for entry in entries {
            guard let fields = entry.elements, fields.count == 6,
                fields[..<3].allSatisfy({ $0.integer != nil }), fields[4].text != nil
            else { return nil }
            calls.append("\(fields[3]) by \(fields[5])")
        }
        return calls
    }

    static func eventNames(_ reply: Reply) -> [String]? {
        guard let events = reply.elements else { return nil }
        var names: [String] = []
        for event in events {
            guard let fields = event.elements, fields.count == 4,
                fields[1...].allSatisfy({ $0.integer != nil })
            else { return nil }
            names.append(fields[0].description)
        }
        return names.sorted()
    }

    static func sampleForms(_ reply: Reply) -> [[String]]? {
        reply.elements?.map { sample in sample.elements?.map(\.typeName) ?? [] }
    }

    /// Each command with its form, its calls, and whether its last bucket counts them all.
    static func histogramCalls(_ reply: Reply) -> [String]? {
        guard let commands = reply.pairs else { return nil }
        var shown = ["\(reply.typeName)"]
        for command in commands {
            guard let calls = command.value["calls"]?.integer,
                let histogram = command.value["histogram_usec"], let buckets = histogram.pairs
            else { return nil }
            let isWhole = buckets.last?.value.integer == calls
            let areKnown = buckets.allSatisfy { knownBuckets.contains($0.key.integer ?? 0) }
            shown.append(
                "\(command.key) \(command.value.typeName) \(histogram.typeName) \(calls) "
                    + "\(isWhole) \(areKnown)")
        }
        return shown.sorted()
    }

    /// The buckets' bounds in microseconds that were seen in Redis.
    private static let knownBuckets: Set<Int64> = [
        1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16_909, 33_818, 67_637,
        135_274, 270_548, 541_097, 1_082_195,
    ]
}
