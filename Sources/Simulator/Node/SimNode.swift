// The other shell around Node's `Core`: several cores in one process, without kernel, threads or
// clock.
//
// Every event is a call: a piece of mail is taken, bytes arrive, a send completes, a tick fires.
// Who calls decides the order, so a test can force one interleaving and `Simulation` can try many.

import Base
import Node
import Placement

package final class SimNode {
    package internal(set) var clock = SimClock()
    package let coreCount: Int
    let cores: [SimCore]
    var mail: SimMail
    /// What a core did that no shell could perform.
    package internal(set) var violations: [String] = []

    package init(
        coreCount: Int, configuration: NodeConfiguration = NodeConfiguration(), seed: UInt64 = 1,
        fault: PlantedFault? = nil, delaysCommands: Bool = false
    ) {
        self.coreCount = coreCount
        let identity = NodeIdentity(
            id: String(repeating: "a", count: 40), runID: String(repeating: "b", count: 40),
            host: "127.0.0.1", gatewayPort: 6379, nodePort: 7379, corePort: nil, processID: 1,
            executable: "gyre", configurationFile: "", startedAt: clock.now,
            operatingSystem: "simulated")
        mail = SimMail(coreCount: coreCount)
        cores = (0..<coreCount).map { number in
            var core = Core(
                index: CoreIndex(UInt16(number)), coreCount: coreCount, identity: identity,
                configuration: configuration,
                routing: RoutingTable(singleNodeWithCores: coreCount),
                seed: seed &+ UInt64(number), hashSeed: seed,
                // In some runs every call is slow enough for the slow log.
                stopwatch: Stopwatch(step: seed % 3 == 0 ? 20_000_000 : 1000))
            core.plant(fault)
            if delaysCommands { core.delayCommands() }
            return SimCore(core)
        }
        for core in cores { core.core.setTime(clock.now) }
    }

    package func advanceClock(by milliseconds: Int64) {
        clock.advance(by: milliseconds)
        for core in cores { core.core.setTime(clock.now) }
    }

    /// A key that a core owns; each number gives another.
    package func key(ownedBy core: Int, number: Int = 0) -> String {
        var found = 0
        var candidate = 0
        while true {
            let key = "key:\(candidate)"
            if cores[0].core.ownerNumber(ofKey: key) == core {
                if found == number { return key }
                found += 1
            }
            candidate += 1
        }
    }

    // MARK: Events

    /// A client connects to a core.
    package func connect(to core: Int) -> SimSocket {
        let socket = SimSocket(core: core)
        socket.id = cores[core].core.accepted(
            AcceptedConnection(
                descriptor: 0, listener: .gateway, address: "10.0.0.1:1000",
                localAddress: "10.0.0.2:6379", nodeConnectionCount: 1))
        cores[core].sockets.append(socket)
        return socket
    }

    /// Up to `count` bytes that the client sent arrive, or the news that it has left.
    package func deliverInput(_ socket: SimSocket, upTo count: Int = .max) {
        if !socket.hasInput { return }
        let core = cores[socket.core]
        if socket.departure == .reset {
            socket.isEndDelivered = true
            core.core.connectionFailed(socket.id)
        } else if socket.toServer.isEmpty {
            socket.isEndDelivered = true
            core.core.receiveEnded(socket.id)
        } else {
            let chunk = Array(socket.toServer.prefix(count))
            socket.toServer.removeFirst(chunk.count)
            // The buffer is gone after the call, as the kernel's is: a core that keeps a view of it
            // reads garbage.
            OwnedBytes(chunk).withBytes { core.core.received(socket.id, $0) }
        }
    }

    /// The receive ends for want of a buffer; the core arms it again if it still wants to receive.
    package func interruptReceive(_ socket: SimSocket) {
        if socket.isClosed || !socket.isReceiving { return }
        socket.isReceiving = false
        cores[socket.core].core.receiveInterrupted(socket.id)
    }

    /// The kernel has taken up to `count` bytes of the send under way; it fails where nobody is
    /// there to read.
    package func completeSend(_ socket: SimSocket, upTo count: Int = .max) {
        guard socket.canCompleteSend, let bytes = socket.sending else { return }
        let core = cores[socket.core]
        socket.sending = nil
        if socket.departure == .reset || (socket.isAborted && count < bytes.count) {
            core.core.sendCompleted(socket.id, result: Self.brokenPipe)
            return
        }
        let taken = min(max(count, 1), bytes.count)
        socket.toClient += bytes.slice(0, taken).copy
        core.core.sendCompleted(socket.id, result: taken)
    }

    private static let brokenPipe = -32

    /// The receiver takes its oldest piece of mail from a sender, if there is one.
    package func deliverMail(from sender: Int, to receiver: Int) {
        if mail.count(from: sender, to: receiver) == 0 { return }
        cores[receiver].core.mailArrived(mail.take(from: sender, to: receiver))
    }

    /// The timer of a core fires if it is due.
    package func fireTick(_ core: Int) {
        guard let deadline = cores[core].core.nextTick, deadline <= clock.now else { return }
        cores[core].core.tick()
    }

    /// All mail from a sender arrives, in a turn of its own.
    package func deliverAllMail(from sender: Int, to receiver: Int) {
        for _ in 0..<mail.count(from: sender, to: receiver) {
            deliverMail(from: sender, to: receiver)
        }
        endTurn(receiver)
    }

    /// The node ends in order.
    package func drain() {
        for core in cores { core.core.drain() }
    }
}

extension Bytes {
    fileprivate var copy: [UInt8] { unsafe [UInt8](buffer) }
}
