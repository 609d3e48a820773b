import Base
import Node
import Placement
import Synchronization
import Uring

extension CoreLoop {
    /// Does what the core's steps asked for, in order.
    mutating func perform() {
        var place = 0
        // Performing one may add others: a connection that is adopted wants to receive.
        while place < core.outbox.effects.count {
            perform(core.outbox.effects[place])
            place &+= 1
        }
        core.outbox.effects.removeAll()
    }

    @inline(__always)
    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .send(let id, let bytes):
            unsafe uring.send(socket(id), bytes.buffer, token: token(.send, id))
        case .mail(let core, let parcel):
            post(parcel, to: core)
        case .receive(let id):
            uring.receiveMultishot(socket(id), group: buffers.group, token: token(.receive, id))
        case .stopReceiving(let id):
            uring.cancel(token(.receive, id), token: token(.cancel, id))
        case .abort(let id):
            uring.shutdown(socket(id), .both, token: token(.abort, id))
        case .close(let id, let descriptor):
            // The receive keeps the socket open until it is cancelled.
            uring.cancel(token(.receive, id), token: token(.cancel, id))
            uring.close(FileDescriptor(rawValue: descriptor), token: token(.close, id))
            link.connectionCount.subtract(1, ordering: .relaxed)
        case .adopt(let descriptor, let listener):
            register(FileDescriptor(rawValue: descriptor), listener)
        case .prepareMemory(let region):
            unsafe uring.populate(region.buffer, token: token(.prepareMemory, 0))
        case .rewriteSettings(let number): rewriteSettings(number)
        case .writeLog(let write, let bytes): writeLog(write, bytes)
        case .syncLog(let first, let last): syncLog(first: first, last: last)
        case .createSegment(let number): createSegment(number)
        case .createSnapshot: createSnapshot()
        case .writeSnapshot(let offset, let bytes): writeSnapshot(bytes, at: offset)
        case .closeSnapshot: closeSnapshot()
        case .installSnapshot: installSnapshot()
        case .dropSnapshot: dropSnapshot()
        case .trimHeap: KernelMemory.trimHeap()
        case .shutDown:
            ServerSignals.requestEnd()
        }
    }

    @inline(__always)
    private func socket(_ id: ConnectionID) -> FileDescriptor {
        sockets[Int(id.index)]
    }

    // MARK: New clients

    mutating func armAccept(_ place: Int) {
        if isDraining { return }
        uring.acceptMultishot(listeners[place].descriptor, token: token(.accept, place))
    }

    mutating func accepted(_ completion: Completion) {
        let place = Int(completion.token.index)
        if !completion.hasMore, !isDraining {
            if completion.result >= 0 {
                armAccept(place)
            } else {
                // Out of descriptors, say: asking again at once would only keep the core busy.
                uring.timeout(
                    .after(nanoseconds: 100_000_000), token: token(.acceptAgain, place))
            }
        }
        guard completion.result >= 0 else { return }
        let socket = FileDescriptor(rawValue: completion.result)
        let listener = listeners[place]
        let target = listener.isShared ? fabric.leastLoadedCore : index
        // Counted at once, so that a burst of clients is spread as well.
        fabric.links[target].connectionCount.add(1, ordering: .relaxed)
        if target == index {
            register(socket, listener.listener)
        } else {
            core.passOn(
                descriptor: socket.rawValue, listener.listener, to: CoreIndex(UInt16(target)))
        }
    }

    /// Makes a socket a connection of this core.
    private mutating func register(_ socket: FileDescriptor, _ listener: Listener) {
        socket.setNoDelay()
        socket.setKeepAlive(idleSeconds: 300)
        let id = core.accepted(
            AcceptedConnection(
                descriptor: socket.rawValue, listener: listener,
                address: socket.peerAddress?.description ?? "?:0",
                localAddress: socket.localAddress?.description ?? "?:0",
                nodeConnectionCount: fabric.connectionCount))
        while sockets.count <= Int(id.index) { sockets.append(FileDescriptor(rawValue: -1)) }
        sockets[Int(id.index)] = socket
    }

    // MARK: Mail

    var hasMail: Bool {
        for mailbox in link.inbound where !mailbox.isEmpty { return true }
        return false
    }

    mutating func takeMail() {
        for sender in 0..<fabric.links.count {
            // No more than was there, so that two cores that answer each other let the loop go on.
            for _ in 0..<Mailbox.capacity {
                guard let parcel = link.inbound[sender].take() else { break }
                core.mailArrived(parcel)
            }
        }
    }

    private mutating func post(_ parcel: ParcelReference, to target: CoreIndex) {
        mailed[Int(target.rawValue)] = true
        if overflow.isEmpty, fabric.links[Int(target.rawValue)].inbound[index].post(parcel) {
            return
        }
        overflow.append(OverflowingMail(core: target, parcel: parcel))
    }

    /// Posts mail that found its box full before.
    mutating func postOverflow() {
        var posted = 0
        while posted < overflow.count {
            let mail = overflow[posted]
            let box = fabric.links[Int(mail.core.rawValue)].inbound[index]
            if !box.post(mail.parcel) { break }
            mailed[Int(mail.core.rawValue)] = true
            posted += 1
        }
        if posted > 0 { overflow.removeFirst(posted) }
    }

    /// Wakes the cores that got mail and sleep.
    mutating func wakeMailed() {
        if mailed.count == 1 { return }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        for target in 0..<mailed.count where mailed[target] {
            mailed[target] = false
            let other = fabric.links[target]
            if !other.isAsleep.load(ordering: .relaxed) { continue }
            if !other.isAsleep.exchange(false, ordering: .relaxed) { continue }
            core.loopStatistics.wakeUps &+= 1
            uring.wakeRing(
                FileDescriptor(rawValue: other.ringDescriptor.load(ordering: .relaxed)),
                result: 0, token: token(.wake, index), sourceToken: token(.wake, target))
        }
    }

    // MARK: The end

    /// Takes no more clients and lets those that are here have what they asked for.
    mutating func beginDrain() {
        isDraining = true
        for place in 0..<listeners.count {
            uring.cancel(token(.accept, place), token: token(.cancel, place))
        }
        core.drain()
    }

    /// Whether all cores are done: until then this one answers their mail.
    var isDrained: Bool {
        if core.connectionCount == 0, overflow.isEmpty {
            let wasDrained = link.isDrained.exchange(true, ordering: .acquiringAndReleasing)
            // The others sleep until they learn that the last one is done.
            if !wasDrained { ServerSignals.wakeAll() }
        }
        return fabric.isDrained
    }
}
