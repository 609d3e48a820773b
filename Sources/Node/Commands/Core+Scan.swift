// SCAN: a walk over all keys in the order of their slots.
//
// A cursor names a slot, and the slot's owner goes on from there to the end of its range of slots.
// Where a range ends before COUNT keys were met, the walk goes on in the next one, at this core or
// another: one request visits as many cores as it needs, one after the other, so that a walk takes
// as many requests as there are keys to return and not as there are ranges.

import Base
import Engine
import Placement

/// How far one SCAN has come.
struct ScanWalk: ~Copyable {
    private(set) var cursor: ScanCursor
    /// How many keys are still to be looked at.
    private var left: Int
    private(set) var keyCount: Int64 = 0
    /// The keys as bulk strings.
    private(set) var keys = OutputBuffer()
    private var isAtEnd = false

    init(_ options: ScanOptions) {
        cursor = options.cursor
        left = options.count
    }

    /// Passes over a range of slots whose keys are not asked for.
    mutating func skip(_ range: SlotRange) {
        cursor = ScanCursor(slot: Int(range.last.rawValue) + 1)
        isAtEnd = cursor.isStart
    }

    /// The request is served: COUNT keys were met, or all were.
    var isDone: Bool { isAtEnd || left <= 0 }

    /// Takes in what one range brought (``Core/contributeScan(_:from:into:)``).
    mutating func add(_ part: Bytes) {
        cursor = ScanCursor(rawValue: UInt64(bitPattern: part.integer(at: 0)))
        left -= Int(part.integer(at: 8))
        keyCount += part.integer(at: 8)
        keys.append(part.slice(16, part.count))
        isAtEnd = cursor.isStart
    }
}

extension Core {
    /// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
    ///
    /// - Returns: false when the request must be read again once earlier replies are in.
    mutating func scan(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        var walk = ScanWalk(ScanOptions(call))
        walkHere(call, &walk)
        // A core port is a node of its own: what other cores have is theirs to tell.
        while connection.state.session.isRedirecting, !walk.isDone {
            walk.skip(engine.routing.arc(of: SlotIndex(walk.cursor.slot)).slots)
            walkHere(call, &walk)
        }
        if walk.isDone {
            conclude(walk)
            return true
        }
        guard let operation = begin(connection, request) else { return false }
        operation.walk = consume walk
        walkThere(operation)
        return true
    }

    mutating func isSoundScan(_ call: Invocation) -> Bool {
        if let error = ScanOptions(call).error {
            engine.fail(error)
            return false
        }
        return true
    }

    /// Goes on through this core's ranges, up to one of another core.
    private mutating func walkHere(_ call: Invocation, _ walk: inout ScanWalk) {
        var part = OutputBuffer()
        while !walk.isDone,
            engine.routing.owner(of: SlotIndex(walk.cursor.slot)).core == index
        {
            part.removeAll()
            contributeScan(call, from: walk.cursor, into: &part)
            walk.add(part.bytes)
        }
    }

    /// Lets the owner of the cursor's slot go on.
    private mutating func walkThere(_ operation: Operation) {
        guard let cursor = operation.walk?.cursor else { invariantFailed("a walk goes on") }
        let parcel = parcels.take()
        parcel.content.operation = operation.id
        parcel.content.scanCursor = cursor.rawValue
        parcel.content.requests.append(
            operation.requests.pipeline.requests[0], from: operation.requests.pipeline)
        operation.pendingCount += 1
        mail(parcel, to: engine.routing.owner(of: SlotIndex(cursor.slot)).core, as: .gather)
    }

    /// Another core has gone through one of its ranges.
    mutating func walkReturned(_ operation: Operation, _ walk: consuming ScanWalk) {
        var walk = walk
        for parcel in operation.partials {
            walk.add(parcel.content.reply.bytes)
            parcels.giveBack(parcel)
        }
        operation.partials.removeAll()
        walkHere(operation.requests.pipeline.invocation(0), &walk)
        let isDone = walk.isDone
        operation.walk = consume walk
        if !isDone {
            walkThere(operation)
            return
        }
        answer(operation) { core, _ in
            if let walk = operation.walk.take() { core.conclude(walk) }
        }
        end(operation)
    }

    private mutating func conclude(_ walk: borrowing ScanWalk) {
        engine.reply.array(2)
        engine.reply.bulk(String(walk.cursor.rawValue))
        engine.reply.array(Int(walk.keyCount))
        engine.reply.buffer.append(walk.keys.bytes)
    }

    /// Where to go on, how many keys, and the keys as bulk strings. Ends with the range of slots
    /// that the cursor is in.
    mutating func contributeScan(
        _ call: Invocation, from cursor: ScanCursor, into part: inout OutputBuffer
    ) {
        let options = ScanOptions(call)
        part.append(integer: 0)
        var keys = KeyListPart(into: &part)
        let arc = engine.routing.arc(of: SlotIndex(cursor.slot))
        let next = engine.keyspace.scan(
            from: cursor, through: arc.slots.last.rawValue, count: options.count
        ) { entry in
            if options.accepts(entry) { keys.append(entry.key) }
        }
        part.overwrite(integer: Int64(bitPattern: next.rawValue), at: 0)
        keys.finish(into: &part)
    }

    /// SCAN inside of a transaction: one range. There are several parts, as this core has borrowed
    /// keys of the range; the walk goes on from where the least advanced one stopped.
    mutating func concludeScan(_ parts: [Bytes]) {
        var next = UInt64.max
        var count: Int64 = 0
        for part in parts where !part.isEmpty {
            let end = UInt64(bitPattern: part.integer(at: 0))
            next = min(next, end == 0 ? .max : end)
            count += part.integer(at: 8)
        }
        engine.reply.array(2)
        engine.reply.bulk(String(next == .max ? 0 : next))
        engine.reply.array(Int(count))
        for part in parts where !part.isEmpty {
            engine.reply.buffer.append(part.slice(16, part.count))
        }
    }
}
