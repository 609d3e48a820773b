// SORT whose elements name keys on several cores (docs/internals/sort.md).
//
// Which keys are needed stands in the value that is sorted, and that may change until it is held;
// but keys are held in the order of the cores, so none can be added once holding has begun. So the
// owner of the value tells first, without holding it, which keys its elements name now. These are
// held together with the value, in order. If the value then names others, everything goes back
// unchanged and the operation begins anew with those as well. After some rounds, and inside of
// MULTI, where earlier commands may make the elements, every core is held whole and lends all keys
// whose names fit the patterns.
//
// Where the elements are many, nothing is named or lent but the value: every core is held whole,
// and the work that sorts asks the others for what it looks up, some keys at a time.

import Base
import Engine
import Placement

/// Which keys the elements of an operation's SORT named when they were asked for.
struct SortKeys {
    /// The hashes of the keys that are, or will be, held.
    var named: Set<UInt64> = []
    /// The elements are many: every core is held, and is asked for what they name.
    var looksUp = false
    /// How often the operation has begun.
    var roundCount = 0

    /// After so many rounds every core is held.
    static let roundCountMax = 4
}

/// What stands before and behind the element in the name of a key.
struct LentPattern {
    let prefix: OwnedBytes
    let suffix: OwnedBytes

    /// Whether an element could make the pattern this name.
    func fits(_ name: Bytes) -> Bool {
        if name.count < prefix.count + suffix.count { return false }
        return prefix.withBytes { $0 == name.slice(0, $0.count) }
            && suffix.withBytes { $0 == name.slice(name.count - $0.count, name.count) }
    }
}

extension Core {
    /// On a core's own port, as in a cluster, elements name no keys.
    mutating func isDenied(_ call: Invocation, _ connection: ConnectionReference) -> Bool {
        connection.state.session.isRedirecting && call.command.sorts && engine.denySort(call)
    }

    /// Runs a SORT whose elements may name keys of any core.
    ///
    /// - Returns: false when the request must be read again: once earlier replies are in, or a key
    ///   is let go.
    mutating func beginSort(_ connection: ConnectionReference, _ request: Request) -> Bool {
        var names = OutputBuffer()
        if request.core == index {
            contributeSortKeys(pipeline.invocation(request), into: &names)
            if !names.bytes.hasManySortKeys, isHere(request), let named = ownKeys(names.bytes) {
                return runSortHere(connection, request, named)
            }
        }
        guard let operation = begin(connection, request) else { return false }
        operation.sortKeys = SortKeys()
        if request.core == index {
            operation.ownPart = names
            sortKeysNamed(operation)
        } else {
            askForPart(operation, of: request.core)
        }
        return true
    }

    /// Whether all keys that the request itself names are this core's.
    private func isHere(_ request: Request) -> Bool {
        var places = KeyArguments(
            engine.commands.traits(request.command), request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            if owner(ofKey: key) != index { return false }
        }
        return true
    }

    /// The hashes of keys that elements name; nil where one is another core's.
    private func ownKeys(_ names: Bytes) -> [UInt64]? {
        var hashes: [UInt64] = []
        var offset = 0
        while let name = names.sortKey(at: &offset) {
            if owner(ofKey: name) != index { return nil }
            hashes.append(engine.keyspace.hash(of: name))
        }
        return hashes
    }

    /// Runs a SORT of this core's keys alone, unless one of them is held.
    private mutating func runSortHere(
        _ connection: ConnectionReference, _ request: Request, _ named: [UInt64]
    ) -> Bool {
        var keys = heldKeys(of: request, pipeline)
        keys.hashes += named
        // Who has waited may pass those behind, but by now the elements may name other keys.
        let mayPass = connection.state.mayPass && !keys.hashes.contains { holds.isHeld($0) }
        connection.state.mayPass = mayPass
        if mustWait(connection, for: keys) { return false }
        engine.runTimedAtOnce(request, pipeline)
        return true
    }

    /// The names of the keys that the value's elements name now, each behind its length; or that
    /// they are many.
    mutating func contributeSortKeys(_ call: Invocation, into part: inout OutputBuffer) {
        if engine.sortsMany(call) {
            part.append(integer: -1)
            return
        }
        engine.nameSortKeys(call) { key in
            part.append(integer: Int64(key.bytes.count))
            part.append(key.bytes)
        }
    }

    /// The owner has told the keys: they are held, and the value with them.
    mutating func sortKeysNamed(_ operation: Operation) {
        addKeys(
            of: operation.requests.pipeline.requests[0], operation.requests.pipeline,
            to: operation)
        for participant in operation.participants {
            for key in participant.keys { operation.sortKeys?.named.insert(key.hash) }
        }
        operation.sortKeys?.looksUp = false
        note(operation.ownPart.bytes, in: operation)
        operation.ownPart.removeAll()
        for parcel in operation.partials {
            note(parcel.content.reply.bytes, in: operation)
            parcels.giveBack(parcel)
        }
        operation.partials.removeAll()
        operation.sortKeys?.roundCount += 1
        startHolding(operation)
    }

    private func note(_ names: Bytes, in operation: Operation) {
        if names.hasManySortKeys {
            operation.sortKeys?.looksUp = true
            operation.holdEverything(coreCount)
            return
        }
        var offset = 0
        while let name = names.sortKey(at: &offset) {
            let key = engine.reference(name)
            if operation.sortKeys?.named.insert(key.hash).inserted != true { continue }
            operation.borrow(key, of: owner(ofKey: name))
        }
    }

    /// Whether all keys that the elements name, now that the value is held, are held as well.
    mutating func holdsSortKeys(_ operation: Operation) -> Bool {
        if !operation.lentPatterns.isEmpty { return true }
        guard let named = operation.sortKeys?.named else { return true }
        var isComplete = true
        let call = operation.requests.pipeline.invocation(0)
        let isMany = engine.sortsMany(call)
        if isMany || operation.sortKeys?.looksUp == true {
            return isMany == operation.sortKeys?.looksUp
        }
        engine.nameSortKeys(call) { key in
            if !named.contains(key.hash) { isComplete = false }
        }
        return isComplete
    }

    /// Gives everything back unchanged, and begins anew with the keys that are named by now.
    mutating func startAgain(_ operation: Operation) {
        let call = operation.requests.pipeline.invocation(0)
        operation.ownPart.removeAll()
        contributeSortKeys(call, into: &operation.ownPart)
        let participants = operation.participants
        operation.participants = []
        operation.nextParticipant = 0
        for participant in participants {
            if let parcel = participant.parcel { settle(parcel, operation, nil) }
        }
        operation.sortKeys?.named.removeAll()
        statistics.sortRounds += 1
        // What is many by turns and few is lent like what is few in the end.
        let isMany = operation.ownPart.bytes.hasManySortKeys
        let roundCountMax = SortKeys.roundCountMax * (isMany ? 2 : 1)
        if let rounds = operation.sortKeys?.roundCount, rounds >= roundCountMax {
            operation.ownPart.removeAll()
            lendPatterns(call, to: operation)
        }
        for participant in participants where participant.core == index {
            release(participant.heldKeys)
        }
        sortKeysNamed(operation)
    }

    /// Holds every core; each lends the keys whose names fit the patterns of a SORT.
    func lendPatterns(_ call: Invocation, to operation: Operation) {
        operation.holdEverything(coreCount)
        engine.nameSortPatterns(call) { prefix, suffix in
            operation.lentPatterns.append(
                LentPattern(prefix: OwnedBytes(prefix), suffix: OwnedBytes(suffix)))
        }
    }

    /// Adds this core's keys that fit the patterns to those that it lends.
    func addLentKeys(to parcel: ParcelReference) {
        let patterns = parcel.content.lentPatterns
        // Keys that are only watched are not lent otherwise.
        for place in parcel.content.keys.indices where !parcel.content.keys[place].isBorrowed {
            let name = parcel.content.keys[place].key
            parcel.content.keys[place].isBorrowed = name.withBytes { bytes in
                patterns.contains { $0.fits(bytes) }
            }
        }
        var known = Set(parcel.content.keys.map(\.hash))
        var lent: [BorrowedKey] = []
        engine.keyspace.forEachEntry { entry in
            if !patterns.contains(where: { $0.fits(entry.key) }) { return }
            let key = engine.reference(entry.key)
            if !known.insert(key.hash).inserted { return }
            lent.append(BorrowedKey(borrowed: key))
        }
        parcel.content.keys += lent
    }
}

extension Core {
    // MARK: Looking up

    /// Asks other cores what a work's SORT wants to know next.
    mutating func ask(_ inquiry: SortInquiry, for work: Work) {
        while let core = inquiry.nextToAsk() {
            let parcel = parcels.take()
            parcel.content.operation = OperationID(number: work.number)
            inquiry.ask(core, into: &parcel.content.parts)
            mail(parcel, to: core, as: .lookUp)
        }
    }

    /// Another core's SORT asks for values of this one, which it holds whole.
    mutating func lookUpArrived(_ parcel: ParcelReference) {
        let start = engine.begin(.sort)
        engine.answerSort(parcel.content.parts.bytes, into: &parcel.content.reply)
        parcel.content.nanoseconds = engine.elapsed(since: start)
        engine.suspend()
        if !duties.isEmpty { fulfilDuties(replyStart: nil) }
        mailWhenReleased(parcel, to: parcel.content.home, as: .lookedUp)
    }

    /// A core has answered a work's SORT, which may have been given up.
    mutating func lookedUpArrived(_ parcel: ParcelReference) {
        if let work = works.find(parcel.content.operation.number), let inquiry = work.inquiry {
            work.nanoseconds &+= parcel.content.nanoseconds
            inquiry.answered(parcel.content.sender, parcel.content.reply.bytes)
            tickAtLatest(now)
        }
        parcels.giveBack(parcel)
    }
}

extension BorrowedKey {
    /// A key whose entry is lent.
    init(borrowed key: KeyReference) {
        self.init(
            key: OwnedBytes(key.bytes), hash: key.hash, slot: key.slot, isBorrowed: true)
    }
}

extension Operation {
    /// Notes a key that the operation does not know yet.
    func borrow(_ key: KeyReference, of core: CoreIndex) {
        let place = place(of: core)
        _ = participants[place].noteKey(key.hash)
        participants[place].keys.append(BorrowedKey(borrowed: key))
    }
}

extension Bytes {
    /// The part says that the elements are many.
    fileprivate var hasManySortKeys: Bool { count == 8 && integer(at: 0) == -1 }

    /// The name at `offset` of a part that ``Core/contributeSortKeys(_:into:)`` made; nil at its
    /// end.
    fileprivate func sortKey(at offset: inout Int) -> Bytes? {
        if offset == count { return nil }
        let start = offset + 8
        offset = start + Int(integer(at: offset))
        return slice(start, offset)
    }
}
