import TestSupport

/// How the replies of two servers to the same call are compared. Errors are always compared
/// exactly, and a null never equals a value.
enum Comparison: Sendable {
    /// Byte for byte.
    case exact
    /// The elements of an array or set (the entries of a map) in any order.
    case unordered
    /// The entries of a map in any order, in RESP2's flat form as well.
    case unorderedFields
    /// Integers that may differ by this much; negative ones, which carry a meaning, must be equal.
    case tolerance(Int64)
    /// The same outermost type.
    case type
    /// The same types, and of arrays the same number of elements, at every depth.
    case shape
    /// A map with the same keys in the same order, and the same values except for these keys,
    /// whose values have the same type.
    case fields(exceptValuesOf: Set<String>)
    /// Text of `name=value` words: the same names in the same order, and for these the same values.
    case words(valuesOf: Set<String>)
    /// An array of the rows of COMMAND INFO: name, arity, flags in any order, key positions.
    case commandRows
    /// The entries of SLOWLOG GET: as many, each with the same arguments and client name.
    case slowLog
    /// LATENCY LATEST: the same events in any order, with integers.
    case events
    /// LATENCY HISTORY: as many samples, each a time and a duration.
    case samples
    /// LATENCY HISTOGRAM: the same commands in any order, with the same calls, all of them counted.
    case histograms
    /// EXEC's array: each element as its command's replies are compared.
    case each([Comparison])

    /// Whether the replies count as the same.
    func accepts(_ subject: Received, asGoodAs reference: Received) -> Bool {
        if subject.raw == reference.raw { return true }
        return accepts(subject.reply, asGoodAs: reference.reply)
    }

    private func accepts(_ subject: Reply, asGoodAs reference: Reply) -> Bool {
        if subject == reference { return true }
        guard !subject.isError, !reference.isError, subject.isNull == reference.isNull else {
            return false
        }
        switch self {
        case .exact:
            return false
        case .unordered:
            return subject.typeName == reference.typeName
                && Self.sorted(subject) == Self.sorted(reference)
        case .unorderedFields:
            return subject.typeName == reference.typeName
                && Self.sortedFields(subject) == Self.sortedFields(reference)
        case .tolerance(let bound):
            return Self.differ(subject, reference, byAtMost: bound)
        case .type:
            return subject.typeName == reference.typeName
        case .shape:
            return Self.sameShape(subject, reference)
        case .fields(let free):
            return Self.sameFields(subject, reference, exceptValuesOf: free)
        case .words(let names):
            return Self.sameWords(subject, reference, valuesOf: names)
        case .commandRows:
            return Self.sameCommandRows(subject, reference)
        case .slowLog:
            return Self.slowLogCalls(subject) == Self.slowLogCalls(reference)
        case .events:
            return Self.eventNames(subject) == Self.eventNames(reference)
        case .samples:
            return Self.sampleForms(subject) == Self.sampleForms(reference)
        case .histograms:
            return Self.histogramCalls(subject) == Self.histogramCalls(reference)
        case .each(let comparisons):
            return Self.sameElements(subject, reference, comparisons)
        }
    }

    private static func sortedFields(_ reply: Reply) -> [String] {
        (reply.pairs ?? []).map { "\($0.key): \($0.value)" }.sorted()
    }

    private static func sorted(_ reply: Reply) -> [String] {
        if case .map = reply { return sortedFields(reply) }
        return (reply.elements ?? [reply]).map(\.description).sorted()
    }

    private static func sameShape(_ subject: Reply, _ reference: Reply) -> Bool {
        if subject.typeName != reference.typeName { return false }
        guard let left = subject.elements, let right = reference.elements else { return true }
        return left.count == right.count && zip(left, right).allSatisfy { sameShape($0, $1) }
    }

    private static func differ(
        _ subject: Reply, _ reference: Reply, byAtMost bound: Int64
    ) -> Bool {
        guard let left = subject.integer, let right = reference.integer else { return false }
        guard left >= 0, right >= 0 else { return left == right }
        return abs(left - right) <= bound
    }

    private static func sameFields(
        _ subject: Reply, _ reference: Reply, exceptValuesOf free: Set<String>
    ) -> Bool {
        guard subject.typeName == reference.typeName, let left = subject.pairs,
            let right = reference.pairs, left.map(\.key) == right.map(\.key)
        else { return false }
        return zip(left, right).allSatisfy { left, right in
            free.contains(left.key.text ?? "")
                ? left.value.typeName == right.value.typeName : left.value == right.value
        }
    }

    private static func sameWords(
        _ subject: Reply, _ reference: Reply, valuesOf names: Set<String>
    ) -> Bool {
        guard subject.typeName == reference.typeName, let left = subject.text,
            let right = reference.text
        else { return false }
        return reduced(left, valuesOf: names) == reduced(right, valuesOf: names)
    }

    /// Each line's words, without the values nobody compares.
    static func reduced(_ text: String, valuesOf names: Set<String>) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: " ").compactMap { word in
                let name = String(word.prefix { $0 != "=" })
                // Redis has these since 7.2, with CLIENT SETINFO.
                if name == "lib-name" || name == "lib-ver" { return nil }
                return names.contains(name) ? String(word) : name
            }
        }
    }

    private static func sameCommandRows(_ subject: Reply, _ reference: Reply) -> Bool {
        guard let left = subject.elements, let right = reference.elements,
            left.count == right.count
        else { return false }
        return zip(left, right).allSatisfy { left, right in
            guard let left = left.elements, let right = right.elements else {
                return left == right
            }
            guard left.count == right.count, left.count >= 6 else { return false }
            return left[..<2] == right[..<2] && left[3..<6] == right[3..<6]
                && left[2].typeName == right[2].typeName && sorted(left[2]) == sorted(right[2])
        }
    }

    private static func sameElements(
        _ subject: Reply, _ reference: Reply, _ comparisons: [Comparison]
    ) -> Bool {
        guard let left = subject.elements, let right = reference.elements,
            left.count == right.count, left.count == comparisons.count
        else { return false }
        return zip(zip(left, right), comparisons).allSatisfy { replies, comparison in
            comparison.accepts(replies.0, asGoodAs: replies.1)
        }
    }
}
