// Lending large values to other cores, and giving them back, in parts: docs/internals/long-work.md.
//
// The keys are held meanwhile, and pinned at their owner. One piece of a passage is on its way at a
// time: the next is read when the last one has been put together, so that neither core has more
// than one in memory, and the slower one sets the pace. Nothing is waited for but the other core's
// next turns, so no deadlock comes of it.

import Base
import Engine
import Placement

extension Operation {
    /// Whether what it has borrowed is little enough to be put into the tables and taken out again
    /// around each part of a work, which costs some hundred nanoseconds a key.
    var canRest: Bool {
        let borrowed = participants.reduce(0) {
            $0 + ($1.parcel.map { $0.content.keys.count } ?? 0)
        }
        return borrowed <= 256
    }
}

extension Core {
    /// What is lent or given back in one step costs no more than this in all, in elements; what is
    /// more goes in parts.
    static var travelledAtOnceMax: Int { 1024 }
    /// What is no larger never goes in parts.
    private static var smallTravelCost: Int { 32 }

    /// Whether a value of that cost goes in parts, given what else goes at once.
    private func goesInParts(_ cost: Int, _ left: inout Int) -> Bool {
        // Without holds a key may change while it is read.
        if plantedFault == .holdReleasedEarly || plantedFault == .holdNotTaken { return false }
        if travelsAllInParts { return true }
        if cost <= Self.smallTravelCost || cost <= left {
            left -= cost
            return false
        }
        return true
    }

    // MARK: Lending

    /// Copies a lent key's entry into the parcel, or marks it as one that goes in parts.
    mutating func lend(_ place: Int, of parcel: ParcelReference, _ left: inout Int) {
        let owned = parcel.content.keys[place].key
        let (hash, slot) = (parcel.content.keys[place].hash, parcel.content.keys[place].slot)
        owned.withBytes { bytes in
            let key = KeyReference(bytes: bytes, hash: hash, slot: slot)
            guard let version = engine.keyspace.version(of: key) else {
                parcel.content.keys[place].isPresent = false
                return
            }
            parcel.content.keys[place].isPresent = true
            parcel.content.keys[place].lentStamp = version.stamp
            if goesInParts(engine.keyspace.travelCost(of: key), &left) {
                parcel.content.keys[place].goesInParts = true
                parcel.content.keys[place].isPinned = true
                engine.keyspace.pinLent(key, true)
            } else {
                _ = engine.keyspace.copyEntry(key, to: &parcel.content.reply)
            }
        }
    }

    /// Mails a parcel of keys, behind the pieces of those that go in parts. Parts of transactions
    /// that are logged come to a core in the order of their numbers, so one waits for those before.
    mutating func send(_ parcel: ParcelReference, to core: CoreIndex, as kind: ParcelKind) {
        let isBehind = parcel.content.transaction > 0 && passages.givesBack(to: core)
        if !parcel.content.keys.contains(where: \.goesInParts), !isBehind {
            mailBehind(parcel, to: core, as: kind)
            return
        }
        let passage = Passage(parcel, to: core, as: kind)
        passages.begin(passage)
        statistics.passages += 1
        tickAtLatest(now)
    }

    /// Mails a parcel whose pieces have gone before it: lent keys once they may be seen.
    private mutating func mailBehind(
        _ parcel: ParcelReference, to core: CoreIndex, as kind: ParcelKind
    ) {
        if kind == .granted {
            mailWhenReleased(parcel, to: core, as: kind)
        } else {
            mail(parcel, to: core, as: kind)
        }
    }

    // MARK: At the end of a turn

    /// Puts pieces together that have come and reads others, as long as the budget lasts.
    mutating func travel(_ budget: inout Int) {
        while budget > 0, let piece = passages.nextPiece() {
            budget -= piece.content.piece.cost
            putTogether(piece)
        }
        while budget > 0, let part = passages.firstKeysPart { collectKeys(part, &budget) }
        while budget > 0, let passage = passages.nextReady() { advance(passage, &budget) }
        if passages.isBusy { tickAtLatest(now) }
    }

    /// Sends the next piece, or what follows the last one.
    private mutating func advance(_ passage: Passage, _ budget: inout Int) {
        let keys = passage.parcel.content.keys
        while passage.key < keys.count, !keys[passage.key].goesInParts { passage.key += 1 }
        if passage.key == keys.count {
            passages.end(passage)
            if passage.kind == .settle { discardReturned(passage.parcel) }
            mailBehind(passage.parcel, to: passage.target, as: passage.kind)
            return
        }
        let piece = parcels.take()
        piece.content.operation = passage.parcel.content.operation
        piece.content.piece = PieceNote(
            key: passage.key, isReturned: passage.kind == .settle)
        let key = keys[passage.key]
        var cost = 0
        let isLast = key.withReference { reference in
            if let value = key.value {
                return engine.keyspace.readPiece(
                    of: value, reference, &passage.place, into: &piece.content.reply, &cost)
            }
            return engine.keyspace.readPiece(
                of: reference, &passage.place, into: &piece.content.reply, &cost)
        }
        if isLast {
            passage.key += 1
            passage.place = TravelPlace()
        }
        piece.content.piece.cost = cost
        budget -= cost
        passage.isPieceOut = true
        mail(piece, to: passage.target, as: .travel)
    }

    /// What has been given back is not needed here any more.
    private mutating func discardReturned(_ parcel: ParcelReference) {
        for place in parcel.content.keys.indices {
            guard let value = parcel.content.keys[place].value else { continue }
            parcel.content.keys[place].value = nil
            engine.keyspace.discard(value)
        }
    }

    private mutating func putTogether(_ piece: ParcelReference) {
        let note = piece.content.piece
        let id = ArrivalID(
            sender: piece.content.sender, operation: piece.content.operation,
            isReturned: note.isReturned)
        var value = passages[id, note.key]
        engine.keyspace.addPiece(piece.content.reply.bytes, to: &value)
        passages[id, note.key] = value
        piece.content.reply.removeAll()
        mail(piece, to: piece.content.home, as: .travelled)
    }

    // MARK: Mail

    /// A piece of a value has come.
    mutating func travelArrived(_ piece: ParcelReference) {
        passages.append(piece)
        tickAtLatest(now)
    }

    /// A piece has been put together: the next one may go.
    mutating func travelledArrived(_ piece: ParcelReference) {
        passages.find(piece).isPieceOut = false
        parcels.giveBack(piece)
        tickAtLatest(now)
    }

    /// Gives the keys of a parcel the values that came before it.
    mutating func collectArrived(_ parcel: ParcelReference, isReturned: Bool) {
        if !parcel.content.keys.contains(where: \.goesInParts) { return }
        let id = ArrivalID(
            sender: parcel.content.sender, operation: parcel.content.operation,
            isReturned: isReturned)
        passages.take(id, into: parcel)
    }

    // MARK: Borrowed keys at the operation's core

    /// Puts lent entries into this core's keyspace, for the length of one step.
    mutating func borrow(_ parcel: ParcelReference) {
        let records = parcel.content.reply.bytes
        var offset = 0
        for place in parcel.content.keys.indices {
            let key = parcel.content.keys[place]
            if !key.isBorrowed { continue }
            engine.keyspace.raiseStamp(ofSlot: key.slot, to: Stamp(rawValue: key.slotStamp))
            if let value = key.value {
                parcel.content.keys[place].value = nil
                key.withReference { engine.keyspace.putIn(value, $0) }
            } else if key.isPresent {
                offset += engine.keyspace.putEntry(from: records.slice(offset, records.count))
            }
        }
    }

    /// Puts the entries of an operation that rests back into the tables.
    mutating func putIn(_ operation: Operation) {
        for participant in operation.participants {
            if let parcel = participant.parcel { putIn(parcel) }
        }
    }

    /// Puts the entries that were taken out for a parcel back into the tables.
    mutating func putIn(_ parcel: ParcelReference) {
        for place in parcel.content.keys.indices {
            guard let value = parcel.content.keys[place].value else { continue }
            parcel.content.keys[place].value = nil
            parcel.content.keys[place].withReference { engine.keyspace.putIn(value, $0) }
        }
    }

    /// Takes the borrowed entries of an operation that is to rest out of the tables, so that nobody
    /// meets them.
    mutating func takeOut(_ operation: Operation) {
        for participant in operation.participants {
            guard let parcel = participant.parcel else { continue }
            for place in parcel.content.keys.indices where parcel.content.keys[place].isBorrowed {
                takeOut(place, of: parcel)
            }
        }
    }

    /// Takes the entry of a parcel's key out of the tables, for ``putIn(_:)``.
    mutating func takeOut(_ place: Int, of parcel: ParcelReference) {
        parcel.content.keys[place].value = parcel.content.keys[place].withReference {
            engine.keyspace.takeOut($0)
        }
    }

    /// Takes a borrowed key out of this core's keyspace again, to go home with the parcel.
    mutating func giveBack(_ place: Int, of parcel: ParcelReference, _ left: inout Int) {
        let key = parcel.content.keys[place]
        parcel.content.keys[place].goesInParts = false
        parcel.content.keys[place].isUnchanged = false
        key.withReference { reference in
            guard let version = engine.keyspace.version(of: reference) else {
                parcel.content.keys[place].isPresent = false
                engine.keyspace.discardEntry(reference)
                return
            }
            parcel.content.keys[place].isPresent = true
            if key.isPresent, version.stamp == key.lentStamp {
                parcel.content.keys[place].isUnchanged = true
                parcel.content.keys[place].access = version.access
                engine.keyspace.discardEntry(reference)
            } else if goesInParts(engine.keyspace.travelCost(of: reference), &left) {
                parcel.content.keys[place].goesInParts = true
                parcel.content.keys[place].value = engine.keyspace.takeOut(reference)
            } else {
                _ = engine.keyspace.copyEntry(reference, to: &parcel.content.reply)
                engine.keyspace.discardEntry(reference)
            }
        }
    }

    // MARK: At the keys' owner

    /// Stores what an operation gives back of the parcel's keys.
    mutating func takeBack(_ parcel: ParcelReference) {
        let records = parcel.content.reply.bytes
        var offset = 0
        for key in parcel.content.keys where key.isBorrowed {
            key.withReference { reference in
                if !key.isPresent {
                    if plantedFault != .deleteNotSettled {
                        engine.keyspace.removeReturned(reference)
                    }
                } else if key.isUnchanged {
                    if key.isPinned { engine.keyspace.pinLent(reference, false) }
                    engine.keyspace.takeBackUnchanged(reference, access: key.access)
                } else if let value = key.value {
                    engine.keyspace.storeReturned(value, reference)
                } else {
                    offset += engine.keyspace.putEntry(
                        from: records.slice(offset, records.count), isReturned: true)
                }
            }
        }
    }
}
