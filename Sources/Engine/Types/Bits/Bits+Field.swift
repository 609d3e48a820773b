import Base

/// Walks over the subcommands of BITFIELD. They are read twice: first all of them are checked, then
/// they run.
private struct BitFieldReader {
    private var index = 2
    private var overflow = BitFieldOverflow.wrap

    enum Step {
        case operation(BitFieldOperation)
        case end
        case failed(CommandError)
    }

    mutating func next(_ call: Invocation, _ engine: borrowing Engine) -> Step {
        while index < call.count {
            let word = call[index]
            let following = call.count - index - 1
            if word.equalsIgnoringCase("get"), following >= 2 {
                return read(.get, call, engine)
            } else if word.equalsIgnoringCase("set"), following >= 3 {
                return read(.set, call, engine)
            } else if word.equalsIgnoringCase("incrby"), following >= 3 {
                return read(.increment, call, engine)
            } else if word.equalsIgnoringCase("overflow"), following >= 1 {
                guard let overflow = BitFieldOverflow(call[index + 1]) else {
                    return .failed(.bitFieldOverflow)
                }
                self.overflow = overflow
                index += 2
            } else {
                return .failed(.syntax)
            }
        }
        return .end
    }

    private mutating func read(
        _ action: BitFieldOperation.Action, _ call: Invocation, _ engine: borrowing Engine
    ) -> Step {
        guard let type = BitFieldType(call[index + 1]) else { return .failed(.bitFieldType) }
        guard let offset = engine.bitOffset(call[index + 2], fieldWidth: type.width) else {
            return .failed(.bitOffset)
        }
        var operand: Int64 = 0
        if action != .get {
            guard let integer = call[index + 3].canonicalInteger else {
                return .failed(.notInteger)
            }
            operand = integer
        }
        index += action == .get ? 3 : 4
        return .operation(
            BitFieldOperation(
                action: action, type: type, offset: offset, operand: operand, overflow: overflow))
    }
}

/// What the subcommands of a BITFIELD come to before any of them runs.
private struct BitFieldPlan {
    var count = 0
    /// The last bit that is written; nil where all only read.
    var lastWritten: Int?
}

extension Engine {
    /// BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY
    /// type offset increment …]
    @inline(never)
    mutating func bitField(_ call: Invocation) {
        guard let plan = planBitField(call) else { return }
        if let last = plan.lastWritten {
            changeBitField(call, plan, last)
        } else {
            readBitField(call, plan)
        }
    }

    /// BITFIELD_RO key [GET type offset …]
    @inline(never)
    mutating func bitFieldReadOnly(_ call: Invocation) {
        guard let plan = planBitField(call) else { return }
        if plan.lastWritten != nil {
            fail(.bitFieldReadOnly)
            return
        }
        readBitField(call, plan)
    }

    /// Nil after answering with an error.
    private mutating func planBitField(_ call: Invocation) -> BitFieldPlan? {
        var plan = BitFieldPlan()
        var reader = BitFieldReader()
        while true {
            switch reader.next(call, self) {
            case .end: return plan
            case .failed(let error):
                fail(error)
                return nil
            case .operation(let operation):
                plan.count += 1
                if operation.action != .get {
                    plan.lastWritten = max(plan.lastWritten ?? 0, operation.last)
                }
            }
        }
    }

    private mutating func readBitField(_ call: Invocation, _ plan: BitFieldPlan) {
        guard let string = findString(call.key) else { return }
        reply.array(plan.count)
        string.withBytes { bytes in
            var reader = BitFieldReader()
            while case .operation(let operation) = reader.next(call, self) {
                let bits = bytes.bits(operation.offset, operation.type.width)
                reply.integer(operation.type.integer(bits))
            }
        }
    }

    private mutating func changeBitField(_ call: Invocation, _ plan: BitFieldPlan, _ last: Int) {
        let key = call.key
        if postponesGrowth(call, to: last &>> 3 + 1) { return }
        guard let string = openString(key, last &>> 3 + 1) else { return }
        reply.array(plan.count)
        var isChanged = false
        var isSet = false
        var first = last
        var reader = BitFieldReader()
        while case .operation(let operation) = reader.next(call, self) {
            let type = operation.type
            let before = type.integer(string.bytes.bits(operation.offset, type.width))
            guard let after = type.fitting(operation.wanted(before), operation.overflow) else {
                reply.null()
                continue
            }
            if after != before {
                string.setBits(operation.offset, type.width, UInt64(bitPattern: after))
                isChanged = true
            }
            if operation.action != .get { isSet = true }
            first = min(first, operation.offset)
            reply.integer(operation.action == .set ? before : after)
        }
        stringChanged(key, string, isChanged, (first &>> 3)..<(last &>> 3 + 1))
        // A string that has only grown, as all its fields would have overflowed, is not told of.
        if isChanged || (isSet && string.hasGrown) { notify(.string, "setbit", key.bytes) }
    }
}
