import Base

/// Any command, for simulations: its parts do nothing, and the last one runs it at once.
struct DelayedCall: BitwiseCopyable {
    private let call: Invocation
    private var partsLeft: Int

    init(_ call: Invocation, _ partCount: Int) {
        self.call = call
        partsLeft = partCount
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        partsLeft -= 1
        budget -= 1
        if partsLeft > 0 { return false }
        engine.runDelayed(call)
        return true
    }
}

extension Engine {
    /// Runs a delayed command, whose keys need nobody to keep them any more.
    fileprivate mutating func runDelayed(_ call: Invocation) {
        let delaysAll = postponed.delaysAll
        postponed.delaysAll = false
        postponed.isPossible = false
        dispatch(call)
        postponed.isPossible = true
        postponed.delaysAll = delaysAll
    }
}
