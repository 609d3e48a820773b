import Base

/// What a command makes of sets, and what it does with the result.
struct SetAlgebraCall {
    enum Result {
        case reply
        /// The number of members is answered, counted up to a limit.
        case count(limit: Int)
        /// The result is stored, and its number of members answered.
        case store(KeyReference, event: StaticString)
    }

    let operation: SetOperation
    /// Which arguments are the sources' keys.
    let sources: Range<Int>
    let result: Result
}

extension Engine {
    /// Reads SINTER key [key …], SINTERSTORE destination key [key …], SINTERCARD numkeys key
    /// [key …] [LIMIT limit], and their kin; nil after answering with an error.
    mutating func readAlgebraCall(_ call: Invocation) -> SetAlgebraCall? {
        switch call.command {
        case .sinter: return combining(.intersection, call)
        case .sunion: return combining(.union, call)
        case .sdiff: return combining(.difference, call)
        case .sinterstore: return storing(.intersection, "sinterstore", call)
        case .sunionstore: return storing(.union, "sunionstore", call)
        case .sdiffstore: return storing(.difference, "sdiffstore", call)
        case .sintercard: return readCounting(call)
        default: invariantFailed("only set algebra is read as such")
        }
    }

    private func combining(_ operation: SetOperation, _ call: Invocation) -> SetAlgebraCall {
        SetAlgebraCall(operation: operation, sources: 1..<call.count, result: .reply)
    }

    private func storing(
        _ operation: SetOperation, _ event: StaticString, _ call: Invocation
    ) -> SetAlgebraCall {
        SetAlgebraCall(
            operation: operation, sources: 2..<call.count,
            result: .store(call.key, event: event))
    }

    private mutating func readCounting(_ call: Invocation) -> SetAlgebraCall? {
        guard let keyCount = call[1].canonicalInteger, keyCount > 0 else {
            fail(.keyCountNotPositive)
            return nil
        }
        if keyCount > call.count - 2 {
            fail(.keyCountTooLarge)
            return nil
        }
        let end = 2 + Int(keyCount)
        var limit = Int.max
        for index in stride(from: end, to: call.count, by: 2) {
            guard call[index].equalsIgnoringCase("limit"), index + 1 < call.count else {
                fail(.syntax)
                return nil
            }
            guard let number = call[index + 1].canonicalInteger, number >= 0 else {
                fail(.negativeLimit)
                return nil
            }
            limit = number == 0 ? .max : Int(number)
        }
        return SetAlgebraCall(
            operation: .intersection, sources: 2..<end, result: .count(limit: limit))
    }
}
