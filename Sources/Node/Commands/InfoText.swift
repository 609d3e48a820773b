import Base
import Engine

/// The sections that an INFO asks for.
struct InfoSections {
    private var names: Set<String> = []

    /// Only shown where somebody asks for them, or for all: they grow with the commands in use.
    private static let special: Set = ["commandstats", "latencystats", "corelatency"]

    /// - Parameter call: INFO [section …]
    init(_ call: Invocation) {
        for index in 1..<max(call.count, 1) { names.insert(call[index].string.lowercased()) }
    }

    /// Whether the section of that name, in lower case, is wanted.
    func contains(_ name: String) -> Bool {
        if names.contains(name) || names.contains("all") || names.contains("everything") {
            return true
        }
        let isDefault = names.isEmpty || names.contains("default")
        return isDefault && !Self.special.contains(name)
    }
}

/// The text of INFO: sections of "field:value" lines, of those sections that were asked for.
struct InfoText {
    private(set) var text = ""
    private let sections: InfoSections
    private var isWriting = false

    init(_ sections: InfoSections) {
        self.sections = sections
    }

    /// Begins a section; what follows is left out unless the section is wanted.
    mutating func section(_ title: String) {
        isWriting = sections.contains(title.lowercased())
        if !isWriting { return }
        if !text.isEmpty { text += "\r\n" }
        text += "# \(title)\r\n"
    }

    mutating func field(_ name: String, _ value: some CustomStringConvertible) {
        if isWriting { text += "\(name):\(value.description)\r\n" }
    }

    /// A number of bytes, and again in a larger unit.
    mutating func bytes(_ name: String, _ count: Int) {
        field(name, count)
        field(name + "_human", Self.human(count))
    }

    /// "512B", "1.50K", "3.00G".
    private static func human(_ count: Int) -> String {
        let units = ["K", "M", "G", "T", "P"]
        if count < 1024 { return "\(count)B" }
        var value = Double(count) / 1024
        var unit = 0
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return decimal(value, places: 2) + units[unit]
    }

    /// A number that is not negative, with so many digits behind the point.
    static func decimal(_ value: Double, places: Int) -> String {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }
}
