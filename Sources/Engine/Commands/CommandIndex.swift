import Base

/// What the request path needs of a command's row.
package struct CommandTraits: BitwiseCopyable {
    package var arity: Int16
    package var scope: CommandScope
    package var keyForm: KeyForm
    /// First key, last key (negative: from the end) and step; of a counted command where the count
    /// stands and the first key.
    package var first: Int8
    package var last: Int8
    package var step: Int8
    package var flags: UInt32
    /// The command's cost grows with its arguments or its key's value, so each call is timed.
    package var isTimedAlone: Bool

    package enum KeyForm: UInt8, BitwiseCopyable {
        case none
        /// One key, the argument after the name, of a command that its owner runs. SORT_RO, whose
        /// elements may name more keys, is a range of one.
        case one
        case range
        case counted
        case targetAndCounted
        case firstAndStore
        case firstAndSorted
    }

    init(_ row: Command) {
        arity = Int16(row.arity)
        scope = row.scope
        flags = row.flags.rawValue
        isTimedAlone =
            !row.flags.contains(.fast) && !Bytes(row.complexity).hasPrefix(Bytes("O(1)"))
        first = 0
        last = 0
        step = 1
        switch row.keys {
        case .none: keyForm = .none
        case .range(let first, let last, let step):
            let isOne = first == 1 && last == 1 && row.scope == .keys && row.id != .sortReadOnly
            keyForm = isOne ? .one : .range
            self.first = Int8(first)
            self.last = Int8(last)
            self.step = Int8(step)
        case .counted(let at, let first):
            keyForm = .counted
            self.first = Int8(at)
            self.last = Int8(first)
        case .targetAndCounted:
            keyForm = .targetAndCounted
            first = 2
            last = 3
        case .firstAndStore(let from):
            keyForm = .firstAndStore
            first = Int8(from)
        case .firstAndSorted: keyForm = .firstAndSorted
        }
    }

    @inline(__always)
    package func has(_ flag: CommandFlags) -> Bool { flags & flag.rawValue != 0 }

    /// Whether a call with `count` arguments, the name included, has the right number.
    @inline(__always)
    package func accepts(_ count: Int) -> Bool {
        arity >= 0 ? count == Int(arity) : count >= -Int(arity)
    }
}

/// Finds a command by name: an open hash over the name's bytes without regard to case.
///
/// Up to sixteen characters the two words compared are the whole name; what is longer is compared
/// in full.
@safe
package struct CommandIndex: ~Copyable {
    private struct Place: BitwiseCopyable {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var length: UInt16 = 0
        /// Of a place that is taken.
        var id = CommandID.get
    }

    private static let placeCount = 1024
    private let places: UnsafeMutablePointer<Place>
    private let traits: UnsafeMutablePointer<CommandTraits>

    package init() {
        let rows = CommandTable.rows
        unsafe places = .allocate(capacity: Self.placeCount)
        unsafe places.initialize(repeating: Place(), count: Self.placeCount)
        unsafe traits = .allocate(capacity: rows.count)
        for (index, row) in rows.enumerated() {
            unsafe (traits + index).initialize(to: CommandTraits(row))
            let name = Bytes(row.name)
            let (head, tail) = Self.words(name)
            var place = Self.home(head, tail, name.count)
            while unsafe places[place].length != 0 { place = (place + 1) % Self.placeCount }
            unsafe places[place] = Place(
                head: head, tail: tail, length: UInt16(name.count), id: row.id)
        }
    }

    deinit {
        unsafe places.deallocate()
        unsafe traits.deallocate()
    }

    @inline(__always)
    package func traits(_ id: CommandID) -> CommandTraits {
        unsafe traits[Int(id.rawValue)]
    }

    /// ``CommandTraits/isTimedAlone``
    @inline(__always)
    func isTimedAlone(_ id: CommandID) -> Bool {
        unsafe traits[Int(id.rawValue)].isTimedAlone
    }

    /// The command of that name, in any case of letters.
    @inline(__always)
    package func find(_ name: Bytes) -> CommandID? {
        if name.count == 0 || name.count > 64 { return nil }
        let (head, tail) = Self.words(name)
        var place = Self.home(head, tail, name.count)
        while true {
            let found = unsafe places[place]
            if found.length == 0 { return nil }
            if found.head == head, found.tail == tail, Int(found.length) == name.count {
                if name.count <= 16 || name.equalsIgnoringCase(found.id.row.name) {
                    return found.id
                }
            }
            place = (place &+ 1) & (Self.placeCount &- 1)
        }
    }

    /// The subcommand of a container, or nil.
    package func findSubcommand(_ container: CommandID, _ name: Bytes) -> CommandID? {
        let prefix = container.row.name.utf8CodeUnitCount + 1
        if name.count == 0 || name.count > 64 { return nil }
        for row in CommandTable.rows {
            let full = Bytes(row.name)
            guard full.count == prefix + name.count,
                full[prefix - 1] == UInt8(ascii: "|"),
                full.slice(0, prefix - 1) == Bytes(container.row.name),
                full.slice(prefix, full.count).equalsFolded(name)
            else { continue }
            return row.id
        }
        return nil
    }

    /// The first and the last eight bytes, with letters in lower case.
    @inline(__always)
    private static func words(_ name: Bytes) -> (UInt64, UInt64) {
        let fold: UInt64 = 0x2020_2020_2020_2020
        let start = unsafe name.start
        if name.count >= 8 {
            let head = unsafe start.loadUnaligned(as: UInt64.self)
            let tail = unsafe start.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self)
            return (head | fold, tail | fold)
        }
        if name.count >= 4 {
            let low = unsafe start.loadUnaligned(as: UInt32.self)
            let high = unsafe start.loadUnaligned(
                fromByteOffset: name.count &- 4, as: UInt32.self)
            return (UInt64(low) | UInt64(high) &<< 32 | fold, 0)
        }
        let first = unsafe UInt64(start.load(as: UInt8.self))
        let middle = unsafe UInt64(start.load(fromByteOffset: name.count &>> 1, as: UInt8.self))
        let last = unsafe UInt64(start.load(fromByteOffset: name.count &- 1, as: UInt8.self))
        return (first | middle &<< 8 | last &<< 16 | fold, 0)
    }

    @inline(__always)
    private static func home(_ head: UInt64, _ tail: UInt64, _ length: Int) -> Int {
        let mixed = (head ^ (tail &* 31) ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 54)
    }
}

extension Bytes {
    fileprivate func hasPrefix(_ prefix: Bytes) -> Bool {
        count >= prefix.count && slice(0, prefix.count) == prefix
    }

    /// Whether both are alike but for the case of ASCII letters.
    package func equalsFolded(_ other: Bytes) -> Bool {
        if count != other.count { return false }
        for index in 0..<count where asciiLowercased(self[index]) != asciiLowercased(other[index]) {
            return false
        }
        return true
    }
}
