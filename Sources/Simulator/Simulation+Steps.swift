// One random event after the other.

import Base
import Node

extension Simulation {
    func takeStep() {
        step += 1
        moveClock()
        if random.isOneIn(2) {
            act(random.pick(clients))
        } else {
            turn(Int.random(in: 0..<node.coreCount, using: &random))
        }
    }

    /// A client that is alone knows the time of each of its requests: the clock stands while one is
    /// under way.
    private func moveClock() {
        if options.workload == .single, clients.contains(where: { !$0.outstanding.isEmpty }) {
            return
        }
        // Who waits for elements would take most of a run's steps.
        let isQuick = options.workload == .queues
        if random.isOneIn(isQuick ? 3 : 8) {
            let isLeap = random.isOneIn(20)
            let usual: Int64 = isQuick ? 20 : 3
            node.advanceClock(by: Int64.random(in: 0...(isLeap ? 500 : usual), using: &random))
        }
    }

    // MARK: Clients

    private func act(_ client: SimClient) {
        guard let socket = client.socket else {
            let core = Int.random(in: 0..<node.coreCount, using: &random)
            if !client.isDone { connect(client, core) }
            return
        }
        if random.isOneIn(50) { socket.isReading.toggle() }
        if socket.isReading { read(client) }
        if socket.isClosed, socket.departure == nil, options.workload != .chaos {
            fail("the server closes session \(client.session)")
        }
        if socket.departure != nil || socket.isClosed {
            if socket.isClosed || socket.departure == .reset { forget(client) }
            return
        }
        if random.isOneIn(departureRarity), options.workload != .single {
            leave(client)
        } else if client.canSend {
            send(client)
        }
    }

    func connect(_ client: SimClient, _ core: Int) {
        client.socket = node.connect(to: core)
        sessionCount += 1
        client.session = sessionCount
    }

    private func send(_ client: SimClient) {
        let unit = client.script.next(&random, after: client.awaited)
        client.awaited = []
        client.isAwaiting = unit.isAwaited
        client.unitsLeft -= 1
        send(unit.requests, client)
    }

    func send(_ requests: [[String]], _ client: SimClient) {
        for words in requests {
            client.outstanding.append(history.count)
            history.append(
                RequestRecord(
                    session: client.session, words: words, invokedAt: step,
                    now: node.clock.now))
            client.socket?.send(encodeRequest(words))
        }
        client.sentCount += requests.count
        client.unitEnds.append(client.sentCount)
    }

    func read(_ client: SimClient) {
        guard let socket = client.socket else { return }
        client.reader.append(socket.read())
        do throws(ReplyReader.Malformed) {
            while let reply = try client.reader.next() { answer(client, reply) }
        } catch {
            fail("session \(client.session) reads bytes that are no reply")
        }
    }

    private func answer(_ client: SimClient, _ reply: SimReply) {
        if client.outstanding.isEmpty {
            fail("session \(client.session) gets a reply that it did not ask for: \(reply)")
            return
        }
        let place = client.outstanding.removeFirst()
        history[place].reply = reply
        history[place].completedAt = step
        client.answeredCount += 1
        if client.isAwaiting { client.awaited.append(reply) }
        while let end = client.unitEnds.first, end <= client.answeredCount {
            client.unitEnds.removeFirst()
        }
    }

    /// The client goes, in the middle of whatever it does.
    private func leave(_ client: SimClient) {
        guard let socket = client.socket else { return }
        report.departures += 1
        if random.isOneIn(2) {
            socket.loseUnreceived(last: Int.random(in: 0...40, using: &random))
            socket.leave(random.isOneIn(2) ? .finish : .reset)
        } else {
            socket.leave(.finish)
        }
        socket.isReading = true
    }

    /// The connection is over; what was not answered is not known to have been done.
    private func forget(_ client: SimClient) {
        client.socket = nil
        client.reader = ReplyReader()
        client.outstanding = []
        client.unitEnds = []
        client.sentCount = 0
        client.answeredCount = 0
        client.isAwaiting = false
        client.awaited = []
    }

    // MARK: Cores

    /// A random part of what waits for a core arrives, in random order, and the turn ends.
    private func turn(_ core: Int) {
        for _ in 0...Int.random(in: 0...4, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: takeMail(core)
            case 2, 3: receive(core)
            case 4: completeSend(core)
            default: node.fireTick(core)
            }
        }
        node.endTurn(core)
    }

    private func takeMail(_ core: Int) {
        let sender = Int.random(in: 0..<node.coreCount, using: &random)
        for _ in 0...Int.random(in: 0...3, using: &random) {
            node.deliverMail(from: sender, to: core)
        }
    }

    private func receive(_ core: Int) {
        let sockets = node.cores[core].sockets
        if sockets.isEmpty { return }
        let socket = random.pick(sockets)
        if random.isOneIn(20) {
            node.interruptReceive(socket)
            return
        }
        let isWhole = random.isOneIn(2)
        node.deliverInput(
            socket, upTo: isWhole ? .max : Int.random(in: 1...60, using: &random))
    }

    private func completeSend(_ core: Int) {
        let sockets = node.cores[core].sockets
        if sockets.isEmpty { return }
        let isWhole = random.isOneIn(2)
        node.completeSend(
            random.pick(sockets), upTo: isWhole ? .max : Int.random(in: 1...30, using: &random))
    }
}
