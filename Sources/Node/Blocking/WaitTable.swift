// The waits of a core's clients: the home's side of docs/internals/blocking.md.

import Base
import Engine
import Placement

/// Which wait of the node: its home, and a number there.
struct WaitID: Hashable, BitwiseCopyable {
    var home: CoreIndex
    var number: UInt64

    static let none = WaitID(home: CoreIndex(0), number: 0)
}

/// A client that waits for an element.
final class Wait {
    let id: WaitID
    let connection: ConnectionID
    /// The reply is dropped (CLIENT REPLY OFF or SKIP).
    let isReplySwallowed: Bool
    /// Milliseconds since 1970; nil for ever.
    let deadline: Int64?
    /// The cores where it is registered.
    var owners: [CoreIndex] = []
    /// An operation is trying to get the element; the parcel that asked for it, unless this core
    /// did.
    var call: Call?

    enum Call {
        case here
        case parcel(ParcelReference)
    }

    init(
        _ id: WaitID, _ connection: ConnectionID, isReplySwallowed: Bool, deadline: Int64?
    ) {
        self.id = id
        self.connection = connection
        self.isReplySwallowed = isReplySwallowed
        self.deadline = deadline
    }
}

/// When a wait ends by itself.
struct WaitDeadline: BitwiseCopyable {
    /// Milliseconds since 1970.
    var time: Int64
    /// Of the wait.
    var number: UInt64
}

/// The waits of a core's clients, and when they end by themselves.
struct WaitTable: ~Copyable {
    private var waits: [UInt64: Wait] = [:]
    /// A heap of the deadlines, earliest first; those of waits that are over stay for a while.
    private var deadlines = GrowableArray<WaitDeadline>(capacity: 4)

    var count: Int { waits.count }

    func find(_ number: UInt64) -> Wait? { waits[number] }

    mutating func insert(_ wait: Wait) {
        waits[wait.id.number] = wait
        guard let time = wait.deadline else { return }
        if deadlines.count > 2 * waits.count + 64 { dropStale() }
        push(WaitDeadline(time: time, number: wait.id.number))
    }

    mutating func remove(_ wait: Wait) {
        waits[wait.id.number] = nil
        if waits.isEmpty { deadlines.removeAll() }
    }

    /// The next deadline; it may be of a wait that is over.
    var nextDeadline: Int64? { deadlines.isEmpty ? nil : deadlines[0].time }

    /// A wait whose deadline is no later than `now`. Its deadline is forgotten.
    mutating func takeDue(_ now: Int64) -> Wait? {
        while !deadlines.isEmpty, deadlines[0].time <= now {
            let number = deadlines[0].number
            popFirst()
            if let wait = waits[number] { return wait }
        }
        return nil
    }

    // MARK: The heap

    /// Leaves out the deadlines of waits that are over, so that they do not add up.
    private mutating func dropStale() {
        var kept = GrowableArray<WaitDeadline>(capacity: 4)
        swap(&kept, &deadlines)
        for place in 0..<kept.count where waits[kept[place].number] != nil { push(kept[place]) }
    }

    private mutating func push(_ deadline: WaitDeadline) {
        deadlines.append(deadline)
        var place = deadlines.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            if deadlines[parent].time <= deadline.time { break }
            deadlines[place] = deadlines[parent]
            place = parent
        }
        deadlines[place] = deadline
    }

    private mutating func popFirst() {
        guard let last = deadlines.popLast() else { return }
        let count = deadlines.count
        if count == 0 { return }
        var place = 0
        while true {
            var child = 2 * place + 1
            if child >= count { break }
            if child + 1 < count, deadlines[child + 1].time < deadlines[child].time { child += 1 }
            if last.time <= deadlines[child].time { break }
            deadlines[place] = deadlines[child]
            place = child
        }
        deadlines[place] = last
    }
}
