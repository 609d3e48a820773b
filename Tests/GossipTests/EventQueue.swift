import Base

/// What happens when: a heap, in which of two events at one time the one put in first comes first.
struct EventQueue<Event> {
    private struct Item {
        let time: Int64
        let order: UInt64
        let event: Event

        func isBefore(_ other: Item) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    private var items: [Item] = []
    private var order: UInt64 = 0

    var nextTime: Int64? { items.first?.time }

    mutating func add(_ event: Event, at time: Int64) {
        order += 1
        items.append(Item(time: time, order: order, event: event))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !items[child].isBefore(items[parent]) { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Event {
        let first = items[0]
        let last = items.removeLast()
        if items.isEmpty { return first.event }
        items[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= items.count { return first.event }
            if child + 1 < items.count, items[child + 1].isBefore(items[child]) { child += 1 }
            if !items[child].isBefore(items[parent]) { return first.event }
            items.swapAt(child, parent)
            parent = child
        }
    }
}
