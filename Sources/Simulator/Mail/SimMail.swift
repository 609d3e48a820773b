import Node

/// The mailboxes between the cores of a simulated node: one per ordered pair, first in, first out, without a
/// bound. What is posted stays until the simulation has the receiver take it.
struct SimMail {
    private var boxes: [[ParcelReference]]
    private let coreCount: Int

    init(coreCount: Int) {
        self.coreCount = coreCount
        boxes = Array(repeating: [], count: coreCount * coreCount)
    }

    var isEmpty: Bool { boxes.allSatisfy(\.isEmpty) }

    func count(from sender: Int, to receiver: Int) -> Int {
        boxes[sender * coreCount + receiver].count
    }

    mutating func post(_ parcel: ParcelReference, from sender: Int, to receiver: Int) {
        boxes[sender * coreCount + receiver].append(parcel)
    }

    mutating func take(from sender: Int, to receiver: Int) -> ParcelReference {
        boxes[sender * coreCount + receiver].removeFirst()
    }
}
