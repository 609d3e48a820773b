/// The setting latency-tracking-info-percentiles: which percentiles INFO latencystats shows.
struct Percentiles {
    private(set) var values: [Double] = []

    /// - Parameter text: as CONFIG GET shows it.
    init(_ text: String) {
        values = text.split(separator: " ").compactMap { Double($0) }
    }

    /// Reads what somebody sets.
    static func read(_ text: String) -> ConfigurationValue {
        if text.isEmpty { return .sound("") }
        var names: [String] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            guard let value = Double(word), value.isFinite else {
                return .fault("Invalid latency-tracking-info-percentiles parameters")
            }
            if value < 0 || value > 100 {
                return .fault(
                    """
                    latency-tracking-info-percentiles parameters should sit between \
                    [0.0,100.0]
                    """)
            }
            names.append(name(of: value))
        }
        return .sound(names.joined(separator: " "))
    }

    /// "50", "99.9": up to six digits behind the point.
    static func name(of value: Double) -> String {
        var text = InfoText.decimal(value, places: 6)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
