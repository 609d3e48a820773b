import Base
import Engine
import Placement

/// Values on their way to another core in parts, one piece at a time: lent to an operation, or
/// given back to their owner. The parcel that the operation waits for follows them.
///
/// An object, as it lives over many turns and is off the path of requests that are run at once.
final class Passage {
    /// Leaves when all pieces have been put together.
    let parcel: ParcelReference
    let target: CoreIndex
    /// As what the parcel leaves.
    let kind: ParcelKind
    /// Which of the parcel's keys is on its way.
    var key = 0
    var place = TravelPlace()
    /// Counts the passages of its core.
    fileprivate(set) var number: UInt64 = 0
    /// A piece is on its way, or is being put together.
    var isPieceOut = false

    /// Whether the parcel may be a part of a logged transaction: those of a core reach another in
    /// the order of their numbers.
    var isOrdered: Bool { kind == .settle || kind == .offerAnswered }

    /// Whether values are still to be sent.
    var hasPieces: Bool {
        parcel.content.keys.dropFirst(key).contains(where: \.goesInParts)
    }

    init(_ parcel: ParcelReference, to target: CoreIndex, as kind: ParcelKind) {
        self.parcel = parcel
        self.target = target
        self.kind = kind
    }
}

/// A core's part of another core's KEYS, collected in parts.
///
/// An object, as it lives over many turns and is off the path of requests that are run at once.
final class KeysPart {
    /// What goes back with the keys.
    let parcel: ParcelReference
    var keys: KeyCollection
    /// All are found.
    var isCollected = false

    init(_ parcel: ParcelReference) {
        self.parcel = parcel
        keys = KeyCollection(parcel.content.requests.pipeline.invocation(0)[1])
    }
}

/// Whose values a piece is of.
struct ArrivalID: Hashable {
    let sender: CoreIndex
    let operation: OperationID
    /// They are given back, by the operation's core.
    let isReturned: Bool
}

/// What a piece of a value tells of itself.
struct PieceNote: BitwiseCopyable {
    /// The place of its key among those of the parcel that follows.
    var key = 0
    /// The value is given back.
    var isReturned = false
    /// What putting it together costs, in elements.
    var cost = 0
}

/// The values that go to other cores, or come from them, in parts.
struct PassageTable: ~Copyable {
    private var passages: [Passage] = []
    private var lastNumber: UInt64 = 0
    /// What has come of values, by the places of their keys.
    private var arrivals: [ArrivalID: [Int: TravellingEntry]] = [:]
    /// This core's parts of other cores' KEYS.
    private var keysParts: [KeysPart] = []
    /// Pieces that are still to be put together.
    private var pieces: [ParcelReference] = []
    /// How many passages and pieces there are.
    private(set) var activity = 0

    /// Whether nothing is on its way from or to this core that is not in the mail.
    @inline(__always)
    var isIdle: Bool { activity == 0 }

    var isEmpty: Bool {
        passages.isEmpty && arrivals.isEmpty && pieces.isEmpty && keysParts.isEmpty
    }

    mutating func begin(_ passage: Passage) {
        lastNumber += 1
        passage.number = lastNumber
        passages.append(passage)
        countActivity()
    }

    mutating func begin(_ part: KeysPart) {
        keysParts.append(part)
        countActivity()
    }

    /// The part that has waited longest.
    var firstKeysPart: KeysPart? { keysParts.first }

    mutating func endFirstKeysPart() {
        keysParts.removeFirst()
        countActivity()
    }

    mutating func end(_ passage: Passage) {
        passages.removeAll { $0 === passage }
        countActivity()
    }

    /// The passage that the piece belongs to.
    func find(_ piece: ParcelReference) -> Passage {
        let (operation, isReturned) = (piece.content.operation, piece.content.piece.isReturned)
        let target = piece.content.sender
        let found = passages.first {
            $0.parcel.content.operation == operation && $0.target == target
                && ($0.kind == .settle) == isReturned
        }
        guard let found else { invariantFailed("a piece has a passage") }
        return found
    }

    /// The next passage in turn whose last piece has been put together.
    mutating func nextReady() -> Passage? {
        guard let place = passages.firstIndex(where: { isReady($0) }) else { return nil }
        let passage = passages.remove(at: place)
        passages.append(passage)
        return passage
    }

    /// Whether something is on its way to a core that may be a part of a logged transaction.
    func givesBack(to core: CoreIndex) -> Bool {
        passages.contains { $0.isOrdered && $0.target == core }
    }

    /// Whether a passage can go on: it waits for no answer, nor, when only its parcel is left, for
    /// one before it.
    private func isReady(_ passage: Passage) -> Bool {
        if passage.isPieceOut { return false }
        if !passage.isOrdered || passage.hasPieces { return true }
        return !passages.contains {
            $0.isOrdered && $0.target == passage.target && $0.number < passage.number
        }
    }

    mutating func append(_ piece: ParcelReference) {
        pieces.append(piece)
        countActivity()
    }

    /// The piece that has waited longest to be put together.
    mutating func nextPiece() -> ParcelReference? {
        if pieces.isEmpty { return nil }
        let piece = pieces.removeFirst()
        countActivity()
        return piece
    }

    /// Whether there is anything to be done that waits for no other core.
    var isBusy: Bool {
        !pieces.isEmpty || !keysParts.isEmpty || passages.contains { isReady($0) }
    }

    private mutating func countActivity() {
        activity = passages.count + pieces.count + keysParts.count
    }

    /// What has come of a key's value; nil before its first piece.
    subscript(id: ArrivalID, key: Int) -> TravellingEntry? {
        get { arrivals[id]?[key] }
        set { arrivals[id, default: [:]][key] = newValue }
    }

    /// All has come: the parcel's keys get their values.
    mutating func take(_ id: ArrivalID, into parcel: ParcelReference) {
        guard let values = arrivals.removeValue(forKey: id) else { return }
        for (place, value) in values { parcel.content.keys[place].value = value }
    }
}
