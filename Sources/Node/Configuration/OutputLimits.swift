/// The setting client-output-buffer-limit: for each class of clients the bytes of unread replies at
/// which one is closed, and those at which it is closed after some seconds.
struct OutputLimits {
    private struct Limit {
        var name: String
        var hard: Int64
        var soft: Int64
        var seconds: Int64
    }

    private var limits: [Limit] = []

    /// - Parameter text: as CONFIG GET shows it.
    init(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        for start in stride(from: 0, to: words.count - 3, by: 4) {
            limits.append(
                Limit(
                    name: words[start], hard: Int64(words[start + 1]) ?? 0,
                    soft: Int64(words[start + 2]) ?? 0, seconds: Int64(words[start + 3]) ?? 0))
        }
    }

    /// As CONFIG GET shows it.
    var text: String {
        limits.map { "\($0.name) \($0.hard) \($0.soft) \($0.seconds)" }.joined(separator: " ")
    }

    /// Reads the classes that somebody sets; the others stay.
    static func read(_ text: String, current: String) -> ConfigurationValue {
        var limits = OutputLimits(current)
        let words = text.split(separator: " ").map(String.init)
        if words.count % 4 != 0 {
            return .fault("Wrong number of arguments in buffer limit configuration.")
        }
        for start in stride(from: 0, to: words.count, by: 4) {
            let name = words[start].lowercased() == "replica" ? "slave" : words[start].lowercased()
            guard let place = limits.limits.firstIndex(where: { $0.name == name }) else {
                return .fault("Invalid client class specified in buffer limit configuration.")
            }
            guard let hard = ConfigurationKind.byteCount(words[start + 1]),
                let soft = ConfigurationKind.byteCount(words[start + 2]),
                let seconds = Int64(words[start + 3]), seconds >= 0
            else {
                return .fault(
                    "Error in hard, soft or soft_seconds setting in buffer limit configuration.")
            }
            limits.limits[place] = Limit(name: name, hard: hard, soft: soft, seconds: seconds)
        }
        return .sound(limits.text)
    }

    /// Hands the bounds to the settings; 0 means that there is none.
    func apply(to configuration: inout NodeConfiguration) {
        if let limit = limit("normal") { configuration.outputLimit = limit }
        if let limit = limit("pubsub") { configuration.subscriberOutputLimit = limit }
    }

    private func limit(_ name: String) -> OutputLimit? {
        guard let limit = limits.first(where: { $0.name == name }) else { return nil }
        return OutputLimit(
            hard: limit.hard == 0 ? .max : Int(limit.hard),
            soft: limit.soft == 0 ? .max : Int(limit.soft), softSeconds: Int(limit.seconds))
    }
}
