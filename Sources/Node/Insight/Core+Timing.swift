// How long commands take, where the node runs them or lets other cores run them.

import Base
import Engine
import Placement

extension Core {
    /// Runs a command of the node's and counts it, unless it goes on later.
    ///
    /// - Returns: false when it must be read again; the connection is then stalled.
    mutating func runTimed(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        let start = engine.begin(request.command)
        let isTaken = runNodeCommand(connection, request, call)
        if isTaken, case .operation(let id) = connection.state.stall {
            // It is counted when it is answered.
            operations.find(id).nanoseconds &+= engine.elapsed(since: start)
            engine.suspend()
        } else if isTaken {
            complete(call, since: start)
        } else {
            _ = engine.elapsed(since: start)
            engine.suspend()
        }
        return isTaken
    }

    /// Counts a command of the node's that began at `start` and has been answered.
    mutating func complete(_ call: Invocation, since start: UInt64) {
        var nanoseconds = engine.elapsed(since: start)
        nanoseconds &+= sleptNanoseconds
        sleptNanoseconds = 0
        engine.complete(call, nanoseconds)
    }

    // MARK: Slow calls

    /// Takes down the slow calls of a connection of this core, whose arguments are still there.
    @inline(never)
    mutating func noteSlowCalls(of connection: ConnectionReference) {
        for place in 0..<engine.insight.slowCalls.count {
            let slow = engine.insight.slowCalls[place]
            sampleLatency(slow)
            log(slow.call, slow.nanoseconds, connection)
        }
        engine.insight.removeSlowCalls()
    }

    /// Notes the slow calls of a parcel for its home, which knows whose they are.
    @inline(never)
    mutating func noteSlowCalls(of parcel: ParcelReference) {
        for place in 0..<engine.insight.slowCalls.count {
            let slow = engine.insight.slowCalls[place]
            sampleLatency(slow)
            guard let index = parcel.content.requests.pipeline.find(slow.call) else { continue }
            parcel.content.slowCalls.append(
                ParcelSlowCall(place: index, nanoseconds: slow.nanoseconds))
        }
        engine.insight.removeSlowCalls()
    }

    /// Another core has run this parcel's requests, and some took long.
    @inline(never)
    mutating func logSlowCalls(of parcel: ParcelReference) {
        for place in 0..<parcel.content.slowCalls.count {
            let slow = parcel.content.slowCalls[place]
            let item = parcel.content.items[slow.place]
            log(
                parcel.content.requests.pipeline.invocation(slow.place), slow.nanoseconds,
                connections.find(item.connection))
        }
    }
}
