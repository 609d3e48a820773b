import Base

/// The words behind the value of SET, or behind the key of GETEX.
struct SetOptions {
    enum Condition {
        case always
        case ifAbsent
        case ifPresent
    }

    /// A time, and which argument gives it.
    struct Expiry {
        var form: TimeForm
        var argument: Int
    }

    var condition = Condition.always
    var expiry: Expiry?
    var keepsDeadline = false
    var persists = false
    var returnsOld = false

    /// Of SET key value …; nil where the words are none of SET's or contradict each other.
    init?(set call: Invocation) {
        var index = 3
        while index < call.count {
            let word = call[index]
            if word.equalsIgnoringCase("nx"), condition != .ifPresent {
                condition = .ifAbsent
            } else if word.equalsIgnoringCase("xx"), condition != .ifAbsent {
                condition = .ifPresent
            } else if word.equalsIgnoringCase("get") {
                returnsOld = true
            } else if word.equalsIgnoringCase("keepttl"), expiry == nil {
                keepsDeadline = true
            } else if !readExpiry(call, &index) {
                return nil
            }
            index += 1
        }
    }

    /// Of GETEX key …; nil as above.
    init?(getex call: Invocation) {
        var index = 2
        while index < call.count {
            if call[index].equalsIgnoringCase("persist"), expiry == nil {
                persists = true
            } else if !readExpiry(call, &index) {
                return nil
            }
            index += 1
        }
    }

    /// Reads a word such as EX and the number behind it. The same word may come twice, and the last
    /// time counts.
    private mutating func readExpiry(_ call: Invocation, _ index: inout Int) -> Bool {
        guard index + 1 < call.count, !keepsDeadline, !persists else { return false }
        guard let form = TimeForm(option: call[index]) else { return false }
        if let expiry, expiry.form != form { return false }
        index += 1
        expiry = Expiry(form: form, argument: index)
        return true
    }
}

extension TimeForm {
    /// EX, PX, EXAT or PXAT.
    fileprivate init?(option word: Bytes) {
        if word.equalsIgnoringCase("ex") {
            self = .relativeSeconds
        } else if word.equalsIgnoringCase("px") {
            self = .relativeMilliseconds
        } else if word.equalsIgnoringCase("exat") {
            self = .absoluteSeconds
        } else if word.equalsIgnoringCase("pxat") {
            self = .absoluteMilliseconds
        } else {
            return nil
        }
    }
}

extension Engine {
    /// The deadline that an option gives, which must be positive; nil after answering with an
    /// error.
    mutating func readDeadline(_ call: Invocation, _ expiry: SetOptions.Expiry) -> Int64? {
        guard let time = call[expiry.argument].canonicalInteger else {
            fail(.notInteger)
            return nil
        }
        guard time > 0, let deadline = expiry.form.deadline(time, now: now) else {
            failExpireTime(call)
            return nil
        }
        return deadline
    }
}
