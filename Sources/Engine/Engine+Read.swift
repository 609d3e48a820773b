// From bytes to routed requests.

import Base
import Placement

/// What reading a connection's bytes came to.
package enum ReadOutcome {
    /// Everything was read, or the pipeline is full; what is behind the offset is still to be read.
    case more
    /// The rest is an incomplete request, which must at least become `total` bytes long.
    case incomplete(total: Int)
    /// The bytes are no request; what was read before stands.
    case invalid(ProtocolFault)
}

extension Engine {
    /// Reads requests from `offset` of `input` on into `pipeline`, until it has `countMax` or the
    /// bytes end, and finds out where each goes.
    ///
    /// - Returns: ``ReadOutcome/more`` with `offset` at the end when all was read.
    package mutating func read(
        _ input: Bytes, _ offset: inout Int, _ limits: RequestLimits, countMax: Int,
        into pipeline: inout Pipeline, _ partial: inout PartialRequest?
    ) -> ReadOutcome {
        let parser = RequestParser(limits: limits)
        var last = RoutedKey()
        // What was kept of a request is gone on with before anything else.
        var isFresh = partial == nil
        while offset < input.count, pipeline.requests.count < countMax {
            let start = offset
            let first = pipeline.arguments.count
            if _fastPath(isFresh), parser.parseShort(input, &offset, &pipeline.arguments) {
                append(start, first, &last, &pipeline)
                continue
            }
            let isInline =
                unsafe input.start.load(fromByteOffset: offset, as: UInt8.self)
                != UInt8(ascii: "*")
            // The scratch buffer holds the words of one inline request at a time.
            if isInline && pipeline.requests.count > 0 { return .more }
            let outcome = parser.parse(
                input, &offset, &pipeline.arguments, &pipeline.scratch, &partial)
            switch outcome {
            case .complete: break
            case .incomplete(let total): return .incomplete(total: total)
            case .invalid(let fault): return .invalid(fault)
            }
            isFresh = true
            if pipeline.arguments.count == first { continue }
            append(start, first, &last, &pipeline)
            if isInline { return .more }
        }
        return .more
    }

    /// Adds the request that begins at `start` and whose arguments begin at `first` to the
    /// pipeline.
    @inline(__always)
    private mutating func append(
        _ start: Int, _ first: Int, _ last: inout RoutedKey, _ pipeline: inout Pipeline
    ) {
        var request = Request(
            firstArgument: first, argumentCount: pipeline.arguments.count &- first)
        request.start = start
        route(&request, pipeline.arguments, &last)
        if _slowPath(request.isConfined) { pipeline.hasConfinedRequest = true }
        pipeline.requests.append(request)
    }

    /// Finds the command, its first key's slot and the core that runs it.
    package mutating func route(
        _ request: inout Request, _ arguments: borrowing GrowableArray<Bytes>
    ) {
        var last = RoutedKey()
        route(&request, arguments, &last)
    }

    /// As ``route(_:_:)``; `last` is the key of the request before and becomes this one's.
    @inline(__always)
    private mutating func route(
        _ request: inout Request, _ arguments: borrowing GrowableArray<Bytes>,
        _ last: inout RoutedKey
    ) {
        guard let command = commands.find(arguments[Int(request.firstArgument)]) else {
            request.route = .unknown
            return
        }
        request.command = command
        let traits = commands.traits(command)
        if _slowPath(!traits.accepts(Int(request.argumentCount))) {
            request.route = .arity
            return
        }
        if _fastPath(traits.keyForm == .one) {
            let key = arguments[Int(request.firstArgument) &+ 1]
            if last.isOf(key) {
                request.slot = last.slot
                request.hash = last.hash
                request.core = last.core
                return
            }
            routeByKey(&request, key)
            last = RoutedKey(bytes: key, hash: request.hash, slot: request.slot, core: request.core)
            return
        }
        // By value: a request whose address is taken is kept in memory from the beginning.
        request = routedUnusually(request, arguments, traits)
    }

    /// Slot, hash and owner of the first key, and a request for its table's cache line.
    @inline(__always)
    private mutating func routeByKey(_ request: inout Request, _ key: Bytes) {
        let slot = unsafe slots.slot(of: key.buffer)
        let hash = keyspace.hash(of: key)
        request.slot = slot.rawValue
        request.hash = hash
        request.core = routing.owner(of: slot).core
        // The owner asks for it otherwise; here the slot's table would only push others out of the
        // cache.
        if request.core == core { keyspace.prefetchTable(slot.rawValue) }
    }

    /// A request whose command has no key, or not just one behind its name.
    @inline(never)
    private mutating func routedUnusually(
        _ given: Request, _ arguments: borrowing GrowableArray<Bytes>,
        _ commandTraits: CommandTraits
    ) -> Request {
        var request = given
        var traits = commandTraits
        if traits.has(.container) {
            guard request.argumentCount > 1 else {
                request.route = .node
                return request
            }
            let word = arguments[Int(request.firstArgument) + 1]
            guard let sub = commands.findSubcommand(request.command, word) else {
                request.route = .unknownSubcommand
                return request
            }
            request.command = sub
            traits = commands.traits(sub)
            if !traits.accepts(Int(request.argumentCount)) {
                request.route = .arity
                return request
            }
        }
        if traits.scope == .node {
            request.route = .node
            return request
        }
        routeByKeys(&request, arguments, traits)
        return request
    }

    private mutating func routeByKeys(
        _ request: inout Request, _ arguments: borrowing GrowableArray<Bytes>,
        _ traits: CommandTraits
    ) {
        var keys = KeyArguments(traits, request, arguments)
        guard let first = keys.next() else {
            request.route = .core
            request.core = core
            return
        }
        routeByKey(&request, arguments[Int(request.firstArgument) + first])
        request.route = .core
        while let index = keys.next() {
            let key = arguments[Int(request.firstArgument) + index]
            let slot = unsafe slots.slot(of: key.buffer)
            if slot.rawValue != request.slot { request.spansSlots = true }
            if routing.owner(of: slot).core != request.core {
                request.route = .cores
                break
            }
        }
        // With one owner all the keys that patterns may name are here.
        request.isConfined = request.spansSlots || request.command.sorts
        if request.command.sorts, routing.arcCount > 1, namesKeys(request, arguments) {
            request.route = .patterns
        }
        if traits.has(.blocking) {
            request.route = request.route == .core ? .blocking : .blockingCores
        }
    }
}

/// The key of the last request: whoever fills a list or a hash names one key many times in a row.
private struct RoutedKey {
    var bytes: Bytes
    var hash: UInt64 = 0
    var slot: UInt16 = 0
    var core = CoreIndex(0)

    /// No key.
    @inline(__always)
    init() {
        // A length that no key has.
        bytes = unsafe Bytes(start: Bytes().start, count: -1)
    }

    @inline(__always)
    init(bytes: Bytes, hash: UInt64, slot: UInt16, core: CoreIndex) {
        self.bytes = bytes
        self.hash = hash
        self.slot = slot
        self.core = core
    }

    @inline(__always)
    func isOf(_ key: Bytes) -> Bool {
        if bytes.count != key.count { return false }
        return unsafe bytesEqual(bytes.start, key.start, key.count)
    }
}

/// Whether a SORT reads keys that the elements name.
package func namesKeys(_ request: Request, _ arguments: borrowing GrowableArray<Bytes>) -> Bool {
    let first = Int(request.firstArgument)
    var place = 2
    while place + 1 < Int(request.argumentCount) {
        let word = arguments[first + place]
        if word.equalsIgnoringCase("limit") {
            place += 2
        } else if word.equalsIgnoringCase("get") || word.equalsIgnoringCase("by") {
            place += 1
            if SortPattern(arguments[first + place]).namesKeys { return true }
        } else if word.equalsIgnoringCase("store") {
            place += 1
        }
        place += 1
    }
    return false
}

/// Walks over the places of a request's keys.
package struct KeyArguments {
    private var index: Int
    private var last: Int
    private var step = 1
    /// A key that comes before the others; 0 for none.
    private var before = 0

    package init(
        _ traits: CommandTraits, _ request: Request, _ arguments: borrowing GrowableArray<Bytes>
    ) {
        let count = Int(request.argumentCount)
        index = 1
        last = 1
        switch traits.keyForm {
        case .none: last = 0
        case .one: break
        case .range:
            index = Int(traits.first)
            last = traits.last < 0 ? count + Int(traits.last) : Int(traits.last)
            step = Int(traits.step)
        case .counted, .targetAndCounted:
            if traits.keyForm == .targetAndCounted { before = 1 }
            index = Int(traits.last)
            let at = Int(traits.first)
            let counted =
                at < count
                ? arguments[Int(request.firstArgument) + at].canonicalInteger ?? 0 : 0
            last = index + Int(clamping: min(max(counted, 0), Int64(count - index))) - 1
        case .firstAndStore:
            before = 1
            let targets = Self.storeTargets(from: Int(traits.first), request, arguments)
            index = targets.first
            last = targets.last
            step = max(1, last - index)
        case .firstAndSorted:
            before = 1
            index = Self.sortTarget(request, arguments)
            last = index == 0 ? -1 : index
        }
    }

    /// The argument behind SORT's last STORE; 0 for none. What belongs to another option is no
    /// STORE.
    private static func sortTarget(
        _ request: Request, _ arguments: borrowing GrowableArray<Bytes>
    ) -> Int {
        var target = 0
        var place = 2
        while place < Int(request.argumentCount) {
            let word = arguments[Int(request.firstArgument) + place]
            if word.equalsIgnoringCase("limit") {
                place += 2
            } else if word.equalsIgnoringCase("get") || word.equalsIgnoringCase("by") {
                place += 1
            } else if word.equalsIgnoringCase("store"), place + 1 < Int(request.argumentCount) {
                target = place + 1
            }
            place += 1
        }
        return target
    }

    /// The arguments behind the first and the last STORE or STOREDIST; a last one of -1 for none.
    private static func storeTargets(
        from start: Int, _ request: Request, _ arguments: borrowing GrowableArray<Bytes>
    ) -> (first: Int, last: Int) {
        var (first, last) = (0, -1)
        var place = start
        while place + 1 < Int(request.argumentCount) {
            let word = arguments[Int(request.firstArgument) + place]
            if word.equalsIgnoringCase("store") || word.equalsIgnoringCase("storedist") {
                place += 1
                if last < 0 { first = place }
                last = place
            }
            place += 1
        }
        return (first, last)
    }

    /// The next key's place among the arguments, the name being 0.
    package mutating func next() -> Int? {
        if _slowPath(before > 0) {
            defer { before = 0 }
            return before
        }
        if index > last { return nil }
        defer { index += step }
        return index
    }
}
