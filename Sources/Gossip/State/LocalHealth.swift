/// How far this node doubts itself (Lifeguard, IV-A): 0 is well; each step makes it ask less often
/// and wait longer, since what looks like another's silence may be its own slowness.
struct LocalHealth: BitwiseCopyable {
    static let worst = 8

    private(set) var score = 0

    /// What intervals and time-outs are multiplied by: 1...9.
    var factor: Int64 { Int64(score) + 1 }

    mutating func improve() {
        score = max(score - 1, 0)
    }

    mutating func worsen(by steps: Int) {
        score = min(score + steps, Self.worst)
    }

    /// A probe failed. Each proxy that said nothing may have been silent because we do not hear;
    /// where all of them told that the target did not answer, the silence is the target's.
    mutating func probeFailed(nacksExpected: Int, nacksReceived: Int) {
        worsen(by: nacksExpected == 0 ? 1 : max(nacksExpected - nacksReceived, 0))
    }
}
