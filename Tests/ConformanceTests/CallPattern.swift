import TestSupport

/// The form of a family of calls, written as a line:
///
///     SET {key} {value} [NX] [XX] [EX {seconds}]
///
/// Words stand for themselves, `{kind}` for a random argument of that kind, `{kind}+` for one to
/// four of them. Each bracketed option is taken or left, and those taken come in any order, so
/// that conflicting options meet. A line that starts with `!` is never altered: altering it could
/// stall or end a server.
struct CallPattern: Sendable {
    enum Token: Sendable {
        case word(String)
        case argument(ArgumentKind)
        case arguments(ArgumentKind)
    }

    let head: [Token]
    let options: [[Token]]
    let isAlterable: Bool

    init(_ line: String) {
        isAlterable = !line.hasPrefix("!")
        var head: [Token] = []
        var options: [[Token]] = []
        var option: [Token]?
        for part in line.drop(while: { $0 == "!" }).split(separator: " ") {
            var part = String(part)
            let ends = part.hasSuffix("]")
            if part.hasPrefix("[") { option = [] }
            part.removeAll { $0 == "[" || $0 == "]" }
            if option != nil {
                option?.append(Self.token(part))
            } else {
                head.append(Self.token(part))
            }
            if ends, let taken = option {
                options.append(taken)
                option = nil
            }
        }
        self.head = head
        self.options = options
    }

    private static func token(_ part: String) -> Token {
        guard part.hasPrefix("{") else { return .word(part) }
        let name = part.filter { $0 != "{" && $0 != "}" && $0 != "+" }
        guard let kind = ArgumentKind(rawValue: name) else {
            fatalError("there is no kind of argument named '\(name)'")
        }
        return part.hasSuffix("+") ? .arguments(kind) : .argument(kind)
    }
}

/// The kinds of arguments in a `CallPattern`.
enum ArgumentKind: String, Sendable {
    case key
    /// A key and a value.
    case pair
    case value
    /// A 64-bit integer, or something that almost is one.
    case integer
    /// A floating-point number, or something that almost is one.
    case float
    /// A position in a string, from either end or beyond.
    case index
    /// Where SETRANGE writes: near, or too far; never so far that megabytes are filled with zeros.
    case offset
    /// Relative expiries: long past this test's end, or already over.
    case seconds
    case milliseconds
    /// Absolute expiries: past this century's end, or already over.
    case unixSeconds
    case unixMilliseconds
    /// A glob.
    case pattern
    /// An element of a list: often one that others are, too.
    case listElement
    /// An element to be sorted, a number to be; keys that patterns name; where results are stored.
    case sortElement
    case number
    case weightKey
    case weightHash
    case sortTarget
    /// A pattern of BY or GET.
    case sortPattern
    /// LEFT or RIGHT, mostly.
    case side
    /// How many keys follow, or a number that does not fit.
    case keyCount
    /// A time to block for, so short that nothing is held up, or none at all.
    case timeout
    /// A database number.
    case database
    /// A field of a hash.
    case field
    /// A field and a value.
    case fieldPair
    /// A member of a set.
    case member
    /// A member of a sorted set, its score, both of them.
    case zmember
    case score
    case scorePair
    /// An end of a range of scores, of bytes.
    case scoreBound
    case bytesBound
    /// A longitude and a latitude; with a member; a distance and its unit.
    case point
    case place
    case distance
    case unit
    /// How many elements are drawn: never so many that a server would be busy with the reply.
    case drawCount
    /// Any word: a name, a subcommand, nonsense.
    case word
    /// 0 or 1.
    case bit
    /// Where SETBIT writes; near, or too far.
    case bitOffset
    /// A position in bits or bytes, from either end or beyond.
    case bitIndex
    /// BIT or BYTE.
    case bitUnit
    /// BITOP's AND, OR, XOR, NOT.
    case bitOperation
    /// An integer's form in BITFIELD.
    case fieldType
    case fieldOffset
    /// BITFIELD's WRAP, SAT, FAIL.
    case fieldOverflow
    /// What PFADD adds; and many of it.
    case counted
    case elements
    /// The string of a HyperLogLog, sound or not.
    case registers
}
