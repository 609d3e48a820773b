// Announcing to the other cores what this one wants to hear of; InterestTable.swift says why.

import Base
import Engine
import Placement

/// Places that a request needs the other cores to know of.
struct InterestPlaces: ~Copyable {
    var places = GrowableArray<InterestPlace>(capacity: 4)
}

extension Core {
    /// Whether every other core knows that this one wants to hear of `places`. If not, tells them,
    /// and lets the connection wait until they do.
    ///
    /// - Returns: false when the request must be read again.
    mutating func isAnnounced(
        _ wanted: borrowing InterestPlaces, _ connection: ConnectionReference, _ request: Request
    ) -> Bool {
        if (0..<coreCount).allSatisfy({ isTold($0, wanted) }) { return true }
        guard let operation = begin(connection, request) else { return false }
        for number in 0..<coreCount where !isTold(number, wanted) {
            let parcel = parcels.take()
            parcel.content.operation = operation.id
            for index in 0..<wanted.places.count {
                parcel.content.reply.append(integer: Int64(wanted.places[index].rawValue))
            }
            interest.announcing[number] += 1
            operation.pendingCount += 1
            mail(parcel, to: CoreIndex(UInt16(number)), as: .interest)
        }
        return false
    }

    private func isTold(_ core: Int, _ wanted: borrowing InterestPlaces) -> Bool {
        if core == Int(index.rawValue) { return true }
        for place in 0..<wanted.places.count
        where !interest.told.contains(core, wanted.places[place]) {
            return false
        }
        return true
    }

    /// Another core wants to hear of something.
    mutating func interestArrived(_ parcel: ParcelReference) {
        let sender = Int(parcel.content.home.rawValue)
        parcel.content.reply.bytes.forEachPlace { interest.theirs.insert(sender, $0) }
        weighMonitoring()
        mail(parcel, to: parcel.content.home, as: .interestNoted)
    }

    /// Another core knows now.
    mutating func interestNoted(_ parcel: ParcelReference) {
        let core = Int(parcel.content.sender.rawValue)
        parcel.content.reply.bytes.forEachPlace { interest.told.insert(core, $0) }
        interest.announcing[core] -= 1
        let operation = operations.find(parcel.content.operation)
        parcels.giveBack(parcel)
        operation.pendingCount -= 1
        if operation.pendingCount == 0 { end(operation) }
    }

    /// Notes for the core that sent a message where it need not have.
    mutating func loseInterest(
        _ place: InterestPlace, _ sender: Int, into answer: inout OutputBuffer
    ) {
        if interest.announcing[sender] > 0 { return }
        if !interest.told.contains(sender, place) { return }
        interest.told.remove(sender, place)
        answer.append(integer: Int64(place.rawValue))
    }

    /// Whether another core may have receivers for a message.
    func isWanted(_ core: Int, _ kind: TopicKind, _ place: InterestPlace) -> Bool {
        if core == Int(index.rawValue) { return false }
        if interest.theirs.contains(core, place) { return true }
        return kind == .channel && interest.theirs.contains(core, .patterns)
    }
}

extension Bytes {
    /// The places of an announcement, or of an answer.
    func forEachPlace(_ body: (InterestPlace) -> Void) {
        for offset in stride(from: 0, to: count, by: 8) {
            body(InterestPlace(rawValue: Int(integer(at: offset))))
        }
    }
}
