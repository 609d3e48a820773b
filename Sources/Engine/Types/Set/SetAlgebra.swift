// Intersections, unions and differences of sets: one machine of a cursor over one source at a time,
// probes into others, and a sink.
//
//     method      for             walks over     and with each member
//     sharing     intersections   the smallest   keeps what all others have
//     excluding   differences     the first      keeps what none of the others has
//     taking      differences     all            adds it (the first source), then takes it out
//     adding      unions          all            adds it
//
// What is kept goes to the sink: appended to the reply, counted, or added to a draft. Adding and
// taking out need a draft. The method of a difference is the cheaper one by the rule that Redis
// has, since it shows: what is left of a taking has the form that all of the first source had.
//
// Invariants.
// 1. A source does not change between the first step and the last: its key is held, or there is one
//    step only. Its entry is looked up again by each step, as entries may move.
// 2. The draft is no source, even where it is for a source's key.

import Base

/// What is made of sets.
enum SetOperation {
    case intersection
    case union
    case difference
}

/// One of the sets that something is made of.
struct SetSource: BitwiseCopyable {
    let key: KeyReference
    /// Nil where there is no such key. Lives until the end of the step.
    var entry: Entry?
    /// How many members it has.
    let count: Int
}

/// See the essay above.
struct SetAlgebra: ~Copyable {
    enum Method {
        case sharing
        case excluding
        case taking
        case adding
    }

    /// Where members go that are kept.
    enum Sink {
        /// Appended to the reply as bulk strings.
        case reply
        /// Counted.
        case nowhere
        case draft(Draft, KeyReference)
    }

    let method: Method
    var sink = Sink.reply
    var sources: GrowableArray<SetSource>
    /// Which source is walked over.
    var walking = 0
    var walk = MemberWalk()
    /// How many members have been kept.
    var count = 0
    /// The operation ends when so many have been kept.
    var countMax = Int.max
    var isDone = false

    /// - Parameter sources: at least one.
    init(_ operation: SetOperation, _ sources: consuming GrowableArray<SetSource>) {
        method = Self.method(operation, sources)
        self.sources = sources
        switch method {
        case .sharing:
            self.sources.heapSort { $0.count < $1.count }
            isDone = self.sources[0].count == 0
        case .excluding:
            // The largest of the others is the likeliest to have a member.
            self.sources.heapSort(from: 1) { $0.count > $1.count }
            isDone = self.sources[0].count == 0
        case .taking, .adding: break
        }
    }

    private static func method(
        _ operation: SetOperation, _ sources: borrowing GrowableArray<SetSource>
    ) -> Method {
        switch operation {
        case .intersection: return .sharing
        case .union: return .adding
        case .difference:
            let (probes, moves) = differenceCosts(sources)
            return probes / 2 <= moves ? .excluding : .taking
        }
    }

    /// How often excluding would probe, at most, and how many members taking would move.
    private static func differenceCosts(
        _ sources: borrowing GrowableArray<SetSource>
    ) -> (probes: Int, moves: Int) {
        var probes = 0
        var moves = 0
        for index in 0..<sources.count where sources[index].entry != nil {
            probes += sources[0].count
            moves += sources[index].count
        }
        return (probes, moves)
    }

    /// Whether the sink must be a draft.
    var needsDraft: Bool { method == .adding || method == .taking }

    /// About how many members are looked at or for, at most.
    var cost: Int {
        var sum = 0
        for index in 0..<sources.count {
            switch method {
            case .sharing, .excluding: sum += sources[0].count
            case .taking, .adding: sum += sources[index].count
            }
        }
        return sum
    }
}
