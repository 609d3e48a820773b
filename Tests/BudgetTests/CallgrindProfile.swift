/// What a run under callgrind counted: all instructions, and calls by callee.
///
/// Source: Valgrind manual, "Callgrind Format Specification". A name is written once, as `(7)
/// name`, and by its number after that; a `calls=` line follows the `cfn=` line of its callee.
struct CallgrindProfile {
    private(set) var instructions = 0
    private(set) var callsByName: [String: Int] = [:]

    init(_ text: String) {
        var names: [Substring: String] = [:]
        var callee = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("fn=") {
                _ = Self.name(line.dropFirst(3), &names)
            } else if line.hasPrefix("cfn=") {
                callee = Self.name(line.dropFirst(4), &names)
            } else if line.hasPrefix("calls=") {
                let count = line.dropFirst(6).prefix { $0 != " " }
                callsByName[callee, default: 0] += Int(count) ?? 0
            } else if line.hasPrefix("totals:") {
                instructions = Int(line.dropFirst(7).drop { $0 == " " }) ?? 0
            }
        }
    }

    private static func name(_ text: Substring, _ names: inout [Substring: String]) -> String {
        guard let end = text.firstIndex(of: ")") else { return String(text) }
        let number = text[...end]
        let rest = text[text.index(after: end)...].drop { $0 == " " }
        if !rest.isEmpty { names[number] = String(rest) }
        return names[number] ?? ""
    }
}
