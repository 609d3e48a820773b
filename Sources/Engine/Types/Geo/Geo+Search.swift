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
            store(matches, search, key, command.isSearch ? "geosearchstore" : "georadiusstore")
        } else {
            reply(matches, search)
        }
    }

    /// Finds the members in the shape.
    private func collect(
        _ search: GeoSearch, _ entry: Entry, into matches: inout GrowableArray<GeoMatch>
    ) {
        let cells = search.shape.cells
        let countMax = search.takesAny ? search.count : Int.max
        // Cells may be the same around a small map; as in Redis, only neighbours in this order are
        // told apart, and not from the first one.
        var last: GeoCell?
        for index in 0..<9 {
            guard let cell = cells[index], last != cell else { continue }
            if matches.count >= countMax { return }
            collect(cell, search.shape, entry, countMax, into: &matches)
            last = index == 0 ? nil : cell
        }
    }

    private func collect(
        _ cell: GeoCell, _ shape: GeoShape, _ entry: Entry, _ countMax: Int,
        into matches: inout GrowableArray<GeoMatch>
    ) {
        let scores = cell.scores
        let start = keyspace.rank(of: .before(scores.lower), in: entry)
        let end = keyspace.rank(of: .before(scores.upper), in: entry)
        if start >= end { return }
        keyspace.walkRanks(start..<end, of: entry) { member, score in
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
        let parts = search.partCount
        for index in 0..<matches.count {
            let match = matches[index]
            if parts > 0 { reply.array(parts + 1) }
            reply.bulk(match.member)
            if search.withDistance { reply.distance(match.distance / search.shape.unit) }
            if search.withHash { reply.integer(Int64(match.score)) }
            if search.withCoordinates { reply.place(match.point) }
        }
    }

    private mutating func store(
        _ matches: borrowing GrowableArray<GeoMatch>, _ search: GeoSearch, _ key: KeyReference,
        _ event: StaticString
    ) {
        let draft = keyspace.makeDraft(key, .emptySortedSet)
        for index in 0..<matches.count {
            let match = matches[index]
            let score = search.storesDistance ? match.distance / search.shape.unit : match.score
            match.member.withBytes { member in
                // Cells that are the same bring a member twice.
                if keyspace.findScored(member, in: draft.entry) == nil {
                    keyspace.addScored(member, score, key, draft.position, limits.sortedSetPack)
                }
            }
        }
        publish(draft, key, .sortedSet, event)
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
