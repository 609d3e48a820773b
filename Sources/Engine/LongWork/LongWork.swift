// A command that goes on over several turns of the loop (docs/internals/long-work.md).
//
// Purpose. What would look at thousands of elements is done in parts, between which other clients
// are served. The owner begins it, lets it do a part a turn, and meanwhile holds its keys.
//
// Ownership. One thread. The call's arguments outlive the work. The engine's reply is the client's
// output during each part.
//
// Invariants.
// 1. Between the parts no other command changes the work's keys; entries may move, objects do not.
// 2. What the parts make is in a draft, which nobody sees, until the last one publishes it. Only a
//    work that is committed changes its key before its last part.

import Base

/// See the essay above.
package struct LongWork: ~Copyable {
    /// What the work is, and how far it has come.
    enum State: ~Copyable {
        case members(MemberReply)
        case ranks(RankReply)
        case elements(ElementReply)
        case algebra(SetAlgebraWork)
        case scored(ScoredAlgebraWork)
        case rangeStore(RangeStoring)
        case copy(CollectionCopy)
        case draw(MemberDraw)
        case rankDraw(RankDraw)
        case pop(MemberPop)
        case rankRemoval(RankRemoval)
        case search(ElementSearch)
        case insertion(ElementInsertion)
        case elementRemoval(ElementRemoval)
        case sort(SortWork)
        case valueDump(ValueDump)
        case valueRestore(ValueRestore)
        case arguments(ArgumentWork)
        case keys(KeysWork)
        case keyList(KeyListing)
        case strings(StringReply)
        case bitCount(BitCounting)
        case bitSearch(BitSearch)
        case bitCombination(BitCombination)
        case places(PlaceSearch)
        case registers(RegisterMerge)
        case stringPreparation(StringPreparation)
        case stringWriting(StringWriting)
        case delayed(DelayedCall)
    }

    private var state: State

    init(_ state: consuming State) {
        self.state = state
    }

    /// Does a part.
    ///
    /// - Parameter budget: about how many elements are looked at; lowered by those that were.
    /// - Returns: true when all is done and answered.
    package mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        // What is in the state is taken out, changed and put back, which moves some words.
        let isDone: Bool
        switch consume state {
        case .members(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.members(work))
        case .ranks(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.ranks(work))
        case .elements(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.elements(work))
        case .algebra(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.algebra(work))
        case .scored(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.scored(work))
        case .rangeStore(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.rangeStore(work))
        case .copy(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.copy(work))
        case .draw(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.draw(work))
        case .rankDraw(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.rankDraw(work))
        case .pop(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.pop(work))
        case .rankRemoval(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.rankRemoval(work))
        case .search(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.search(work))
        case .insertion(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.insertion(work))
        case .elementRemoval(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.elementRemoval(work))
        case .delayed(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.delayed(work))
        case let other:
            self = LongWork(other)
            isDone = stepOfBytes(&engine, budget: &budget)
        }
        return isDone
    }

    /// As ``step(_:budget:)`` of what is about long strings, many arguments, many keys or places.
    private mutating func stepOfBytes(_ engine: inout Engine, budget: inout Int) -> Bool {
        let isDone: Bool
        switch consume state {
        case .strings(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.strings(work))
        case .stringPreparation(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.stringPreparation(work))
        case .stringWriting(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.stringWriting(work))
        case .bitCount(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.bitCount(work))
        case .bitSearch(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.bitSearch(work))
        case .bitCombination(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.bitCombination(work))
        case .arguments(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.arguments(work))
        case .keyList(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.keyList(work))
        case .keys(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.keys(work))
        case .sort(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.sort(work))
        case .places(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.places(work))
        case .registers(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.registers(work))
        case .valueDump(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.valueDump(work))
        case .valueRestore(var work):
            isDone = work.step(&engine, budget: &budget)
            self = LongWork(.valueRestore(work))
        default: invariantFailed("the other works are done elsewhere")
        }
        return isDone
    }

    /// Ends the work before its time: nothing has happened. Not for SPOP, which changes its key in
    /// each part.
    package consuming func giveUp(_ engine: inout Engine) {
        switch consume state {
        case .algebra(let work): work.giveUp(&engine)
        case .scored(let work): work.giveUp(&engine)
        case .rangeStore(let work): work.giveUp(&engine)
        case .copy(let work): work.giveUp(&engine)
        case .sort(let work): work.giveUp(&engine)
        case .places(let work): work.giveUp(&engine)
        case .stringPreparation(let work): work.giveUp(&engine)
        case .valueRestore(let work): work.giveUp(&engine)
        case .bitCombination(let work): work.giveUp(&engine)
        default: break
        }
    }
}

/// What commands and the owner of works tell each other.
package struct PostponedCall: BitwiseCopyable {
    /// The owner can begin the work of what is run.
    package var isPossible = false
    /// The command just run has done nothing yet, and is to be begun as work.
    package var isWanted = false
    /// For simulations: whatever can be postponed is, and run at once in its work's last part.
    package var delaysAll = false
    /// A SORT is run whose patterns name keys of other cores, which are asked for them: it is
    /// begun as work, however few its elements are.
    package var keysAreElsewhere = false
    /// The command is run once more, to make its work.
    var isBeginning = false
    /// How many elements commands have looked at in this turn that looked at many.
    package var spent = 0
    /// From when on even what is not long is postponed in a turn.
    static var spentMax: Int { 16_384 }
    /// What looks at no more elements is never postponed.
    static var smallCost: Int { 256 }
}

extension Engine {
    /// Whether a command that will look at so many elements is to do nothing now and be begun as
    /// work. To be asked before anything is changed or answered.
    @inline(__always)
    mutating func postpones(_ cost: Int) -> Bool {
        if _fastPath(cost <= PostponedCall.smallCost), cost <= limits.atOnceMax { return false }
        return postponesMany(cost)
    }

    @inline(never)
    private mutating func postponesMany(_ cost: Int) -> Bool {
        if postponed.isBeginning { return true }
        if !postponed.isPossible { return false }
        if cost <= limits.atOnceMax, postponed.spent + cost <= PostponedCall.spentMax {
            postponed.spent += cost
            return false
        }
        postponed.isWanted = true
        return true
    }

    /// Requests of no more arguments are not asked whether they are postponed for their number.
    static var fewArguments: Int { 128 }

    /// Whether a command of one key is postponed for the number of its arguments.
    ///
    /// - Parameters:
    ///   - first: where what is added, removed or asked for begins.
    ///   - width: how many arguments each has.
    mutating func postponesArguments(
        _ call: Invocation, from first: Int = 2, width: Int = 1, _ options: AddOptions = []
    ) -> Bool {
        if !postpones(ArgumentWork.cost * call.count) { return false }
        if postponed.isBeginning {
            begun = LongWork(
                .arguments(ArgumentWork(call, from: first, width: width, options, self)))
        }
        return true
    }

    /// Whether a command over many keys is postponed for their number.
    ///
    /// - Parameter bytes: how many it stores.
    mutating func postponesKeys(_ call: Invocation, bytes: Int = 0) -> Bool {
        let cost = KeysWork.cost * call.count + bytes / Self.bytesPerElement
        if !postpones(cost) { return false }
        if postponed.isBeginning { begun = LongWork(.keys(KeysWork(call))) }
        return true
    }

    /// What a command does that has been postponed: of the two times that it is run the second one
    /// has its work begun.
    mutating func begin(_ work: () -> LongWork) {
        if postponed.isBeginning { begun = work() }
    }

    /// Whether the command just run has been postponed; it is then to be begun as work at once.
    @inline(__always)
    package mutating func takePostponed() -> Bool {
        if _fastPath(!postponed.isWanted) { return false }
        postponed.isWanted = false
        return true
    }

    /// Begins the work of a request that has been postponed, within the same step. The request and
    /// its arguments outlive the work.
    package mutating func beginWork(
        _ request: Request, _ pipeline: borrowing Pipeline
    ) -> LongWork {
        // A delayed command meets its keys as they are by then.
        let isDelayed = postponed.delaysAll && !postponed.keysAreElsewhere
        if !isDelayed { pinKeys(request, pipeline, true) }
        let call = pipeline.invocation(request)
        if isDelayed {
            let partCount = Int.random(in: 1...3, using: &random)
            return LongWork(.delayed(DelayedCall(call, partCount)))
        }
        switch call.command {
        case .smembers, .hgetall, .hkeys, .hvals: return LongWork(.members(MemberReply(call)))
        case .sinter where call.count == 2, .sunion where call.count == 2,
            .sdiff where call.count == 2:
            return LongWork(.members(MemberReply(call)))
        case .sinter, .sunion, .sdiff, .sintercard, .sinterstore, .sunionstore, .sdiffstore:
            return LongWork(.algebra(SetAlgebraWork(call, &self)))
        case .copy: return LongWork(.copy(CollectionCopy(call, &self)))
        case .spop: return LongWork(.pop(MemberPop(call, &self)))
        case .sort, .sortReadOnly: return LongWork(.sort(SortWork(call, &self)))
        default: return beginAgain(call)
        }
    }

    /// Runs a postponed command once more, up to where it makes its work of what it has read.
    private mutating func beginAgain(_ call: Invocation) -> LongWork {
        let statistics = keyspace.statistics
        postponed.isBeginning = true
        switch call.command {
        case .get: get(call)
        case .set: set(call)
        default: dispatchUntimed(call)
        }
        postponed.isBeginning = false
        keyspace.statistics = statistics
        guard let work = begun.take() else {
            invariantFailed("a command that was postponed begins as work")
        }
        return work
    }

    /// Keeps a work's keys from being removed for being due or for want of memory, or lets them go.
    package mutating func pinKeys(
        _ request: Request, _ pipeline: borrowing Pipeline, _ isPinned: Bool
    ) {
        // All of the core is held.
        if Int(request.argumentCount) > Self.pinnedKeysMax, request.command.goesByKey { return }
        var places = KeyArguments(commands.traits(request.command), request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            keyspace.pin(reference(key), isPinned)
        }
    }

    /// A command that goes key by key has none of them pinned where its arguments are more, and
    /// holds its core whole.
    package static var pinnedKeysMax: Int { 1024 }

    /// Where a work's key is, which is there as long as the work.
    func pinnedPosition(_ key: KeyReference) -> Position {
        guard let position = keyspace.find(key) else {
            invariantFailed("the key of a work is there")
        }
        return position
    }

    /// The entry of a work's key, which is there as long as the work.
    func pinned(_ key: KeyReference) -> Entry {
        guard let entry = keyspace.find(key)?.entry else {
            invariantFailed("the key of a work is there")
        }
        return entry
    }
}
