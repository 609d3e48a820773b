// Is there a serial order that explains every reply?
//
// A depth-first search over the orders that real time allows: an operation that ended before another began comes first,
// and of one session those that share a key keep their order. States met before (what was done, and what the store
// holds) are not searched again. An operation without a reply may come at any time or never.
//
// Sources: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; Lowe, "Testing for Linearizability", 2017.

enum SerialVerdict {
    case serial
    /// No order does. The longest one found stops before this operation.
    case impossible(String)
    /// The search was given up.
    case tooWide
}

struct SerialSearch {
    private let operations: [SerialOperation]
    /// For each operation, earlier ones of its session that it must follow.
    private let predecessors: [[Int]]
    private let isTotalPerSession: Bool
    private static let stateCountMax = 20_000

    private struct State: Hashable {
        var done: [UInt64]
        var store: ModelStore

        func isDone(_ place: Int) -> Bool { done[place >> 6] & (1 << UInt64(place & 63)) != 0 }

        mutating func finish(_ place: Int) { done[place >> 6] |= 1 << UInt64(place & 63) }
    }

    /// - Parameter isTotalPerSession: each session's operations keep their order, share they keys or not.
    init(_ operations: [SerialOperation], isTotalPerSession: Bool = false) {
        self.operations = operations
        self.isTotalPerSession = isTotalPerSession
        let keys = operations.map(\.keys)
        predecessors = operations.indices.map { place in
            operations[..<place].indices.filter { earlier in
                if operations[earlier].session != operations[place].session { return false }
                if isTotalPerSession { return true }
                guard let ours = keys[place], let theirs = keys[earlier] else { return true }
                return !ours.isDisjoint(with: theirs)
            }
        }
    }

    func judge() -> SerialVerdict {
        let words = operations.count / 64 + 1
        var stack = [State(done: Array(repeating: 0, count: words), store: ModelStore())]
        var met: Set<State> = []
        var deepest = (count: -1, first: 0)
        while let state = stack.popLast() {
            guard let first = operations.indices.first(where: { isOwed($0, state) }) else {
                return .serial
            }
            let count = state.done.reduce(0) { $0 + $1.nonzeroBitCount }
            if count > deepest.count { deepest = (count, first) }
            if met.count > Self.stateCountMax { return .tooWide }
            for next in successors(of: state, first) where met.insert(next).inserted {
                stack.append(next)
            }
        }
        return .impossible(describe(deepest.first))
    }

    private func isOwed(_ place: Int, _ state: State) -> Bool {
        !state.isDone(place) && operations[place].completedAt != nil
    }

    /// What can come next, the likeliest last.
    private func successors(of state: State, _ first: Int) -> [State] {
        var deadline = Int.max
        for place in first..<operations.count where isOwed(place, state) {
            if operations[place].invokedAt > deadline { break }
            deadline = min(deadline, operations[place].completedAt ?? .max)
        }
        var found: [(order: Int, state: State)] = []
        for place in operations.indices {
            if operations[place].invokedAt > deadline { break }
            if state.isDone(place) || !isFree(place, state) { continue }
            if let next = run(place, state) {
                found.append((operations[place].completedAt ?? .max, next))
            }
        }
        return found.sorted { $0.order > $1.order }.map(\.state)
    }

    private func isFree(_ place: Int, _ state: State) -> Bool {
        predecessors[place].allSatisfy { state.isDone($0) || operations[$0].completedAt == nil }
    }

    /// The state after an operation, or nil where its replies would have been others.
    private func run(_ place: Int, _ state: State) -> State? {
        let operation = operations[place]
        var next = state
        next.store.expire(now: operation.now)
        for (key, value) in operation.watched where next.store.value(key) != value { return nil }
        for (index, words) in operation.commands.enumerated() {
            let reply = next.store.run(words, now: operation.now)
            if let replies = operation.replies, replies[index] != reply { return nil }
        }
        next.finish(place)
        return next
    }

    private func describe(_ place: Int) -> String {
        let around = operations[max(0, place - 6)..<min(operations.count, place + 7)]
        let lines = around.map { operation in
            "  \(operation.invokedAt)…\(operation.completedAt.map(String.init) ?? "?") "
                + "session \(operation.session): \(operation.commands) → "
                + "\(operation.replies.map { "\($0)" } ?? "?")"
        }
        return "no serial order explains operation \(place) of \(operations.count), "
            + "\(operations[place].commands):\n" + lines.joined(separator: "\n")
    }
}
