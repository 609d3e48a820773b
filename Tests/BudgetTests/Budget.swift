import Foundation
import TestSupport

/// A row of thresholds.txt: what one command may cost.
struct Budget: Sendable, CustomStringConvertible {
    let command: String
    /// Requests a turn.
    let pipeline: Int
    /// Instructions per request, as last measured.
    let instructions: Double

    /// By how much a measurement may differ from the budget, up or down.
    static let slack = 0.03

    var description: String { "\(command) \(pipeline)" }

    static let path = "Benchmarks/Budget/thresholds.txt"

    /// All rows; none where the file cannot be read, which a test of its own tells.
    static let all: [Budget] = {
        let file = ServerProgram.packageRoot + "/" + path
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let pipeline = Int(words[1]), let count = Double(words[2])
            else { return nil }
            return Budget(command: String(words[0]), pipeline: pipeline, instructions: count)
        }
    }()

    /// Why a cost is not within this budget; nil when it is.
    func objection(to cost: RequestCost) -> String? {
        let figure = "\(self) costs \(cost.instructions) instructions a request"
        if cost.instructions > instructions * (1 + Self.slack) {
            return "\(figure), over its budget of \(instructions): find what made it dearer"
        }
        if cost.instructions < instructions * (1 - Self.slack) {
            return "\(figure), well below its budget of \(instructions): lower it in \(Self.path)"
        }
        // The keyspace's own allocator is inlined; what is counted here goes to the C library or
        // Swift's.
        if !cost.allocatorCalls.isEmpty { return "\(self) calls \(cost.allocatorCalls)" }
        return nil
    }
}

/// What a request costs more, by the difference of two runs.
struct RequestCost {
    let instructions: Double
    /// Calls that the longer run made and the shorter did not, by name.
    let allocatorCalls: [String: Int]

    /// Calls into an allocator, or to count references to what it gave.
    private static let allocatorNames: Set<String> = [
        "malloc", "calloc", "realloc", "free", "cfree", "posix_memalign", "aligned_alloc",
        "memalign", "reallocarray", "mmap", "munmap", "brk",
    ]
    private static let allocatorPrefixes = [
        "swift_alloc", "swift_dealloc", "swift_slow", "swift_retain", "swift_release",
        "swift_bridgeObject", "swift_initStackObject", "operator new", "operator delete",
    ]

    init(_ short: CallgrindProfile, _ long: CallgrindProfile, operationCount: Int) {
        let more = Double(long.instructions - short.instructions)
        instructions = (more / Double(operationCount) * 10).rounded() / 10
        var calls: [String: Int] = [:]
        for (name, count) in long.callsByName where Self.isAllocator(name) {
            let difference = count - (short.callsByName[name] ?? 0)
            if difference != 0 { calls[name] = difference }
        }
        allocatorCalls = calls
    }

    private static func isAllocator(_ name: String) -> Bool {
        allocatorNames.contains(name) || allocatorPrefixes.contains { name.hasPrefix($0) }
    }
}
