import Base

/// Requests that a client sends in one go.
struct ScriptUnit {
    var requests: [[String]]
    /// The next unit depends on these replies, so it is sent when all of them are in.
    var isAwaited = false
}

/// What a client does: unit after unit.
protocol ClientScript {
    /// - Parameter replies: those of the unit before, where that was awaited.
    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit
}

extension SplitMix64 {
    /// True once in `count` times.
    mutating func isOneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
}

/// The keys of a run: few, so that clients meet, and on all cores.
enum ScriptKeys {
    static func all(_ count: Int) -> [String] { (0..<count).map { "key:\($0)" } }
}
