import Base

/// Which command a search is.
enum GeoCommand {
    case radius
    case radiusReadOnly
    case radiusByMember
    case radiusByMemberReadOnly
    case search
    case searchStore

    var isSearch: Bool { self == .search || self == .searchStore }
    var isByMember: Bool { self == .radiusByMember || self == .radiusByMemberReadOnly }
    /// Whether STORE and STOREDIST may follow.
    var mayStore: Bool { self == .radius || self == .radiusByMember }

    /// Where the sorted set stands.
    var source: Int { self == .searchStore ? 2 : 1 }

    /// Where the options begin.
    var options: Int {
        switch self {
        case .radius, .radiusReadOnly: 6
        case .radiusByMember, .radiusByMemberReadOnly: 5
        case .search: 2
        case .searchStore: 3
        }
    }
}

/// A member that a search found.
struct GeoMatch: BitwiseCopyable {
    let member: PackElement
    let score: Double
    let point: GeoPoint
    /// From the shape's centre, in metres.
    let distance: Double
    /// Which it was of those found.
    let order: Int
}

extension Engine {
    /// GEOSEARCH, GEOSEARCHSTORE, GEORADIUS, GEORADIUS_RO, GEORADIUSBYMEMBER and
    /// GEORADIUSBYMEMBER_RO
    @inline(never)
    mutating func searchPlaces(_ call: Invocation, _ command: GeoCommand) {
        let key = command.source == 1 ? call.key : reference(call[command.source])
        guard let found = read(key, .sortedSet) else { return }
        guard let search = GeoSearch(call, command, found.entry, &self) else { return }
        let event: StaticString = command.isSearch ? "geosearchstore" : "georadiusstore"
        if let entry = found.entry, postponesSearch(search, entry) {
            let target = search.target.map { $0 == 1 ? call.key : reference(call[$0]) }
            begin { LongWork(.places(PlaceSearch(search, key, target, event))) }
            if postponed.isBeginning { keyspace.draftCount += 1 }
            return
        }
        var matches = GrowableArray<GeoMatch>(capacity: 16)
        if let entry = found.entry { collect(search, entry, into: &matches) }
        if search.isAscending == true {
            matches.heapSort { ($0.distance, $0.order) < ($1.distance, $1.order) }
        } else if search.isAscending == false {
            matches.heapSort { (-$0.distance, $0.order) < (-$1.distance, $1.order) }
        }
        let count = search.count == 0 ? matches.count : min(matches.count, search.count)
        matches.removeLast(matches.count - count)
        if let target = search.target {
            let key = target == 1 ? call.key : reference(call[target])
            store(matches, search, key, event)
        } else {
            reply(matches, search)
        }
    }

    /// Whether a search that looks at many members is to be done in parts.
    private mutating func postponesSearch(_ search: GeoSearch, _ entry: Entry) -> Bool {
        if entry.form != .sortedSet { return false }
        let all = PlaceSearch.cost * keyspace.memberCount(of: entry)
        // Most searches need not be reckoned.
        if all <= min(PostponedCall.smallCost, limits.atOnceMax) { return false }
        var count = 0
        var cells = GeoCellWalk(search.shape)
        while let cell = cells.next() { count += ranks(of: cell, in: entry).count }
        return postpones(PlaceSearch.cost * count)
    }

    /// The ranks of the members in a cell.
    func ranks(of cell: GeoCell, in entry: Entry) -> Range<Int> {
        let scores = cell.scores
        let start = keyspace.rank(of: .before(scores.lower), in: entry)
        return start..<max(keyspace.rank(of: .before(scores.upper), in: entry), start)
    }

    /// Finds the members in the shape.
    private func collect(
        _ search: GeoSearch, _ entry: Entry, into matches: inout GrowableArray<GeoMatch>
    ) {
        var cells = GeoCellWalk(search.shape)
        let countMax = search.takesAny ? search.count : Int.max
        while matches.count < countMax, let cell = cells.next() {
            collect(cell, search.shape, entry, countMax, into: &matches)
        }
    }

    private func collect(
        _ cell: GeoCell, _ shape: GeoShape, _ entry: Entry, _ countMax: Int,
        into matches: inout GrowableArray<GeoMatch>
    ) {
        let ranks = ranks(of: cell, in: entry)
        if ranks.isEmpty { return }
        keyspace.walkRanks(ranks, of: entry) { member, score in
            let point = GeoCell.point(ofScore: score)
            if let distance = shape.distance(to: point) {
                matches.append(
                    GeoMatch(
                        member: member, score: score, point: point, distance: distance,
                        order: matches.count))
            }
            return matches.count < countMax
        }
    }

    private mutating func reply(_ matches: borrowing GrowableArray<GeoMatch>, _ search: GeoSearch) {
        reply.array(matches.count)
        for index in 0..<matches.count { reply(matches[index], search) }
    }

    /// Answers with a member and what is asked for of it.
    mutating func reply(_ match: GeoMatch, _ search: GeoSearch) {
        let parts = search.partCount
        if parts > 0 { reply.array(parts + 1) }
        reply.bulk(match.member)
        if search.withDistance { reply.distance(match.distance / search.shape.unit) }
        if search.withHash { reply.integer(Int64(match.score)) }
        if search.withCoordinates { reply.place(match.point) }
    }

    private mutating func store(
        _ matches: borrowing GrowableArray<GeoMatch>, _ search: GeoSearch, _ key: KeyReference,
        _ event: StaticString
    ) {
        let draft = keyspace.makeDraft(key, .emptySortedSet)
        for index in 0..<matches.count { add(matches[index], search, to: draft, key) }
        publish(draft, key, .sortedSet, event)
    }

    /// Adds a member to what is stored.
    mutating func add(
        _ match: GeoMatch, _ search: GeoSearch, to draft: Draft, _ key: KeyReference
    ) {
        let score = search.storesDistance ? match.distance / search.shape.unit : match.score
        match.member.withBytes { member in
            // Cells that are the same bring a member twice.
            if keyspace.findScored(member, in: draft.entry) == nil {
                keyspace.addScored(member, score, key, draft.position, limits.sortedSetPack)
            }
        }
    }
}

/// The cells that a search looks into, one after the other.
struct GeoCellWalk {
    private let cells: InlineArray<9, GeoCell?>
    private var index = 0
    private var last: GeoCell?

    init(_ shape: GeoShape) {
        cells = shape.cells
    }

    mutating func next() -> GeoCell? {
        while index < 9 {
            let place = index
            index += 1
            // Cells may be the same around a small map; as in Redis, only neighbours in this order
            // are told apart, and not from the first one.
            guard let cell = cells[place], last != cell else { continue }
            last = place == 0 ? nil : cell
            return cell
        }
        return nil
    }
}

extension Keyspace {
    /// Calls `body` with the members of some ranks until it returns false.
    func walkRanks(
        _ ranks: Range<Int>, of entry: Entry, _ body: (PackElement, Double) -> Bool
    ) {
        if entry.has(.packedSortedSet) {
            let pack = Pack(entry)
            var offset = pack.offset(ofElement: 2 * ranks.lowerBound)
            for _ in ranks {
                let scoreOffset = pack.next(offset)
                if !body(pack.element(at: offset), pack.element(at: scoreOffset).number) { return }
                offset = pack.next(scoreOffset)
            }
            return
        }
        var left = ranks.count
        var cursor: RankTree.Cursor? = unsafe entry.sortedSet.tree.pointee
            .cursor(at: ranks.lowerBound)
        while left > 0, let place = cursor {
            place.prefetchAhead(isReversed: false)
            if !body(.bytes(place.member.bytes), place.member.score) { return }
            cursor = place.next
            left -= 1
        }
    }
}
