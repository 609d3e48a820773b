// CLIENT TRACKING … BCAST: who is told of keys by their beginnings, and the telling, once a turn.

import Base
import Engine
import Placement

extension Core {
    // MARK: Who is told

    /// Has a client told of keys with these beginnings; answers once all cores know of it.
    mutating func beginBroadcasts(
        _ connection: ConnectionReference, _ options: TrackingOptions
    ) {
        let names = options.prefixes.isEmpty ? [Bytes()] : options.prefixes
        let details = connection.state.details
        for name in names {
            broadcasts.add(connection.state.id, name)
            let owned = OwnedBytes(name)
            if !details.tracking.prefixes.contains(owned) {
                details.tracking.prefixes.append(owned)
            }
        }
        details.tracking.prefixes.sort { left, right in
            left.withBytes { left in right.withBytes { left.compare($0) < 0 } }
        }
        weighBroadcasts()
        if coreCount == 1 {
            engine.reply.ok()
            return
        }
        let item = ParcelItem(
            connection: connection.state.id, hole: connection.state.holes.nextNumber)
        for name in names { mailToOthers(TrackingNote(.announce), name, item) }
        var hole = Hole(offset: engine.reply.buffer.count, parcel: nil, isSwallowed: false)
        hole.isCount = true
        hole.isAgreement = true
        hole.end = names.count * (coreCount - 1)
        connection.state.holes.append(hole)
    }

    /// Nobody tells the client of keys by their beginnings any more.
    mutating func endBroadcasts(_ connection: ConnectionReference) {
        for prefix in connection.state.details.tracking.prefixes {
            prefix.withBytes { name in
                if broadcasts.remove(connection.state.id, name) {
                    mailToOthers(TrackingNote(.retract), name, .nobody)
                }
            }
        }
        connection.state.details.tracking.prefixes = []
        weighBroadcasts()
    }

    /// Another core has clients that are told of keys with this beginning, or no longer.
    mutating func announced(_ name: Bytes, _ sender: Int, isOver: Bool) {
        if isOver {
            broadcasts.remove(core: sender, name)
        } else {
            broadcasts.add(core: sender, name)
        }
        weighBroadcasts()
    }

    private mutating func weighBroadcasts() {
        engine.keyspace.watches.setBroadcasting(!broadcasts.isEmpty)
    }

    // MARK: Telling

    /// Tells of the keys that were written in this turn. Called at its end, when the replies to
    /// whoever wrote them stand in the outputs.
    mutating func tellBroadcasts() {
        var keys = OutputBuffer()
        for place in 0..<broadcasts.count {
            keys.removeAll()
            broadcasts.takeWritten(place, into: &keys)
            if keys.isEmpty { continue }
            let prefix = broadcasts.prefix(place)
            var message = OutputBuffer()
            message.append(integer: Int64(prefix.name.count))
            prefix.name.withBytes { message.append($0) }
            message.append(keys.bytes)
            for core in prefix.cores.sorted() {
                mailTracking(TrackingNote(.broadcast), message.bytes, .nobody, to: core)
            }
            deliver(keys.bytes, to: prefix)
        }
        broadcasts.endTurn()
    }

    /// Another core tells of written keys.
    mutating func broadcastArrived(_ message: Bytes) {
        let start = 8 + Int(message.integer(at: 0))
        // Its last client may just have gone.
        guard let prefix = broadcasts.find(message.slice(8, start)) else { return }
        deliver(message.slice(start, message.count), to: prefix)
    }

    private mutating func deliver(_ keys: Bytes, to prefix: BroadcastPrefix) {
        var shared = Reply()
        let count = write(keys, to: &shared, except: nil)
        for id in prefix.clients {
            guard let connection = connections.find(id) else { continue }
            if !connection.state.session.tracking.contains(.noLoop) {
                invalidate(connection, shared.buffer.bytes)
                continue
            }
            var own = Reply()
            let others = write(keys, to: &own, except: tracker(id))
            if others == 0 { continue }
            invalidate(connection, others == count ? shared.buffer.bytes : own.buffer.bytes)
        }
    }

    /// Writes the keys as an array; how many.
    ///
    /// - Parameter writer: whose keys are left out.
    private func write(_ keys: Bytes, to reply: inout Reply, except writer: Tracker?) -> Int {
        var count = 0
        var elements = Reply()
        var walk = BroadcastKeys(keys)
        while let next = walk.next() {
            if next.writer == writer { continue }
            elements.bulk(next.key)
            count += 1
        }
        reply.array(count)
        reply.buffer.append(elements.buffer.bytes)
        return count
    }
}
