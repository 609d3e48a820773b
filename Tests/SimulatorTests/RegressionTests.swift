import Node
import Simulator
import Testing

/// Interleavings that once went wrong, each forced step by step.
@Suite struct RegressionTests {
    @Test func aPassIsForTheRequestThatWaited() {
        let node = SimNode(coreCount: 2)
        let here = node.key(ownedBy: 0)
        let there = node.key(ownedBy: 1)
        let waiting = SimProbe(node, core: 0)
        let writer = SimProbe(node, core: 0)

        writer.deliver([["MSET", here, "1", there, "1"]])
        waiting.deliver([["GET", here]])
        node.deliverAllMail(from: 0, to: 1)
        node.deliverAllMail(from: 1, to: 0)
        #expect(waiting.replies() == [.bulk("1")])

        // Held once more: the same client has no pass left.
        writer.deliver([["MSET", here, "2", there, "2"]])
        waiting.deliver([["GET", here]])
        #expect(waiting.replies() == [])
        #expect(node.settle())
        #expect(waiting.replies() == [.bulk("2")])
    }

    @Test func requestsOfACoreKeepTheirOrderWhenOneWaitsTwice() {
        let node = SimNode(coreCount: 3)
        let first = node.key(ownedBy: 2)
        let second = node.key(ownedBy: 2, number: 1)
        let third = node.key(ownedBy: 2, number: 2)
        let others = [node.key(ownedBy: 1), node.key(ownedBy: 1, number: 1)]
        let writers = [SimProbe(node, core: 1), SimProbe(node, core: 1)]
        let client = SimProbe(node, core: 0)

        writers[0].deliver([["MSET", first, "1", others[0], "1"]])
        writers[1].deliver([["MSET", second, "1", others[1], "1"]])
        node.deliverAllMail(from: 1, to: 2)
        // Waits for the first key, then for the second; the next parcel waits behind it.
        client.deliver([["GET", first], ["GET", second], ["SET", third, "old"]])
        client.deliver([["SET", third, "new"]])
        node.deliverAllMail(from: 0, to: 2)
        node.deliverAllMail(from: 2, to: 1)
        node.deliverMail(from: 1, to: 2)
        node.endTurn(2)
        #expect(node.settle())
        let reader = SimProbe(node, core: 2)
        reader.deliver([["GET", third]])
        #expect(reader.replies() == [.bulk("new")])
        #expect(client.replies().count == 4)
    }

    @Test func aFlushLeavesNothingOfAnEarlierReader() {
        let node = SimNode(coreCount: 2)
        let keys = [node.key(ownedBy: 0), node.key(ownedBy: 1)]
        let reader = SimProbe(node, core: 0)
        let flusher = SimProbe(node, core: 1)
        reader.deliver([["MSET", keys[0], "1", keys[1], "1"]])
        #expect(node.settle())

        reader.deliver([["MGET", keys[0], keys[1]]])
        node.deliverAllMail(from: 0, to: 1)
        // Now the second key is lent.
        flusher.deliver([["FLUSHALL"]])
        #expect(node.settle())
        #expect(reader.replies() == [.ok, .array([.bulk("1"), .bulk("1")])])
        #expect(flusher.replies() == [.ok])
        reader.deliver([["DBSIZE"]])
        #expect(node.settle())
        #expect(reader.replies() == [.integer(0)])
    }

    @Test func aClientThatGoesWhileItBeginsToWatchWatchesNothing() {
        let node = SimNode(coreCount: 2)
        let client = SimProbe(node, core: 0)
        client.deliver([["WATCH", node.key(ownedBy: 0), node.key(ownedBy: 1)]])
        client.socket.leave(.reset)
        #expect(node.settle())
        #expect(node.findLeak() == nil)
    }

    @Test func aWriteBetweenTwoWatchesOfAKeyIsNoticed() {
        let node = SimNode(coreCount: 2)
        let key = node.key(ownedBy: 1)
        let client = SimProbe(node, core: 0)
        let other = SimProbe(node, core: 1)
        client.deliver([["WATCH", key]])
        #expect(node.settle())
        other.deliver([["SET", key, "theirs"]])
        client.deliver([["WATCH", key], ["MULTI"], ["SET", key, "mine"], ["EXEC"]])
        #expect(node.settle())
        #expect(client.replies() == [.ok, .ok, .ok, .queued, .array(nil)])
        client.socket.leave(.finish)
        other.socket.leave(.finish)
        #expect(node.settle())
        #expect(node.findLeak() == nil)
    }

    @Test func countingKeysInATransactionTouchesNoWatch() {
        let node = SimNode(coreCount: 2)
        let key = node.key(ownedBy: 1)
        let watcher = SimProbe(node, core: 1)
        let counter = SimProbe(node, core: 0)
        watcher.deliver([["SET", key, "1"], ["WATCH", key]])
        counter.deliver([["MULTI"], ["GET", key], ["DBSIZE"], ["EXEC"]])
        #expect(node.settle())
        #expect(counter.replies().last == .array([.bulk("1"), .integer(1)]))
        watcher.deliver([["MULTI"], ["INCR", key], ["EXEC"]])
        #expect(watcher.replies().last == .array([.integer(2)]))
    }

    @Test func aKeyThatIsLentIsWatchedOnceItIsBack() {
        let node = SimNode(coreCount: 2)
        let keys = [node.key(ownedBy: 0), node.key(ownedBy: 1)]
        let writer = SimProbe(node, core: 0)
        let watcher = SimProbe(node, core: 1)
        writer.deliver([["MSET", keys[0], "1", keys[1], "1"]])
        node.deliverAllMail(from: 0, to: 1)
        node.deliverAllMail(from: 1, to: 0)
        #expect(writer.replies() == [.ok])
        // Answered, but the second key is still on its way back.
        watcher.deliver([["WATCH", keys[1]], ["MULTI"], ["INCR", keys[1]], ["EXEC"]])
        #expect(node.settle())
        #expect(watcher.replies() == [.ok, .ok, .queued, .array([.integer(2)])])
    }

    @Test(arguments: [0, 1])
    func whatAClientSentBeforeItsEndIsAnswered(core: Int) {
        let node = SimNode(coreCount: 2)
        let keys = [node.key(ownedBy: 0), node.key(ownedBy: 1)]
        let client = SimProbe(node, core: core)
        client.send([
            ["SET", keys[0], "1"], ["MGET", keys[0], keys[1]], ["INCR", keys[0]],
            ["MSET", keys[0], "5", keys[1], "5"], ["GET", keys[1]],
        ])
        client.socket.leave(.finish)
        #expect(node.settle())
        #expect(
            client.replies() == [
                .ok, .array([.bulk("1"), .null]), .integer(2), .ok, .bulk("5"),
            ])
        #expect(client.socket.isClosed)
        #expect(node.findLeak() == nil)
    }

    @Test func anEndInOrderAnswersWhatWasReceived() {
        let node = SimNode(coreCount: 2)
        let keys = [node.key(ownedBy: 0), node.key(ownedBy: 1)]
        let client = SimProbe(node, core: 0)
        client.deliver([
            ["MSET", keys[0], "5", keys[1], "5"], ["MGET", keys[0], keys[1]], ["GET", keys[1]],
        ])
        node.drain()
        #expect(node.settle())
        #expect(client.replies() == [.ok, .array([.bulk("5"), .bulk("5")]), .bulk("5")])
        #expect(client.socket.isClosed)
        #expect(node.findLeak() == nil)
    }

    @Test func aBrokenConnectionWithRepliesUnderWayHarmsNobody() {
        let node = SimNode(coreCount: 2)
        let client = SimProbe(node, core: 0)
        let there = node.key(ownedBy: 1)
        client.deliver([["SET", node.key(ownedBy: 0), "1"]])
        client.deliver([["GET", there], ["GET", there]])
        client.socket.leave(.reset)
        node.deliverInput(client.socket)
        node.endTurn(0)
        #expect(node.settle())
        #expect(node.findLeak() == nil)
    }

    @Test func aPipelineDeeperThanTheHolesIsAnsweredInOrder() {
        let node = SimNode(coreCount: 2)
        let client = SimProbe(node, core: 0)
        let keys = [node.key(ownedBy: 1), node.key(ownedBy: 0)]
        client.send((0..<5000).map { ["INCR", keys[$0 % 2]] })
        #expect(node.settle())
        #expect(client.replies() == (0..<5000).map { .integer(Int64($0 / 2 + 1)) })
    }

    @Test func aLongQueueForOneKeyIsNoDeepStack() {
        let node = SimNode(coreCount: 2)
        let hot = node.key(ownedBy: 1)
        let clients = (0..<300).map { _ in SimProbe(node, core: 1) }
        for (number, client) in clients.enumerated() {
            client.deliver([["MSET", node.key(ownedBy: 0, number: number), "1", hot, "1"]])
        }
        #expect(node.settle())
        for client in clients { #expect(client.replies() == [.ok]) }
    }

    @Test func skippedRepliesOfOtherCoresLeaveNoGap() {
        let node = SimNode(coreCount: 3)
        let keys = (0..<3).map { node.key(ownedBy: $0) }
        let client = SimProbe(node, core: 0)
        client.send([
            ["SET", keys[1], "1"], ["CLIENT", "REPLY", "SKIP"], ["INCR", keys[1]],
            ["INCR", keys[1]], ["CLIENT", "REPLY", "SKIP"], ["MSET", keys[1], "7", keys[2], "7"],
            ["MGET", keys[1], keys[2]], ["CLIENT", "REPLY", "OFF"], ["INCR", keys[0]],
            ["INCR", keys[1]], ["MGET", keys[0], keys[1]], ["CLIENT", "REPLY", "ON"],
            ["GET", keys[1]],
        ])
        #expect(node.settle())
        #expect(
            client.replies() == [
                .ok, .integer(3), .array([.bulk("7"), .bulk("7")]), .ok, .bulk("8"),
            ])
    }

    @Test func aPauseHoldsBackAllCoresAndThenEnds() {
        let node = SimNode(coreCount: 2)
        let keys = [node.key(ownedBy: 0), node.key(ownedBy: 1)]
        let pausing = SimProbe(node, core: 0)
        let writer = SimProbe(node, core: 1)
        let leaver = SimProbe(node, core: 1)
        pausing.deliver([["CLIENT", "PAUSE", "100", "WRITE"]])
        #expect(node.settle())
        writer.deliver([["GET", keys[0]], ["MSET", keys[0], "1", keys[1], "1"], ["GET", keys[0]]])
        leaver.deliver([["WATCH", keys[0]], ["MULTI"], ["INCR", keys[0]], ["EXEC"]])
        leaver.socket.leave(.reset)
        #expect(node.settle())
        #expect(writer.replies() == [.null])
        node.advanceClock(by: 101)
        for core in 0..<2 { node.fireTick(core) }
        #expect(node.settle())
        #expect(writer.replies() == [.ok, .bulk("1")])
        pausing.socket.leave(.finish)
        writer.socket.leave(.finish)
        #expect(node.settle())
        #expect(node.findLeak() == nil)
    }

    @Test func aClientThatDoesNotReadIsEndedWithRepliesUnderWay() {
        var configuration = NodeConfiguration()
        configuration.outputLimit = OutputLimit(hard: 10_000, soft: 5_000, softSeconds: 60)
        let node = SimNode(coreCount: 2, configuration: configuration)
        let here = node.key(ownedBy: 0)
        let there = node.key(ownedBy: 1)
        let client = SimProbe(node, core: 0)
        client.socket.isReading = false
        client.deliver([["SET", here, String(repeating: "v", count: 3000)]])
        // Behind the hole of the other core's reply there is too much to keep.
        client.deliver([["GET", there]] + Array(repeating: ["GET", here], count: 8))
        #expect(node.settle())
        client.socket.isReading = true
        #expect(node.settle())
        #expect(client.socket.isClosed)
        #expect(node.violations == [])
        #expect(node.findLeak() == nil)
    }
}
