import Base
import Placement
import Testing

@testable import Node

struct ConnectionReuseTests {
    /// A connection ends at the end of a turn and the next one takes its place before the shell has
    /// closed the first one's socket: the effect must name that socket.
    @Test func closeNamesTheSocketAndNotThePlace() {
        var core = Core(
            index: CoreIndex(0), coreCount: 1, identity: NodeHarness.identity(file: ""),
            configuration: NodeConfiguration(), routing: RoutingTable(singleNodeWithCores: 1),
            seed: 1, hashSeed: 7)
        core.setTime(1_700_000_000_000)
        let first = core.accepted(Self.socket(7))
        core.receiveEnded(first)
        core.endTurn()
        let second = core.accepted(Self.socket(8))
        #expect(first.index == second.index)
        #expect(first.generation != second.generation)
        var closed: [Int32] = []
        for place in 0..<core.outbox.effects.count {
            if case .close(_, let descriptor) = core.outbox.effects[place] {
                closed.append(descriptor)
            }
        }
        #expect(closed == [7])
    }

    private static func socket(_ descriptor: Int32) -> AcceptedConnection {
        AcceptedConnection(
            descriptor: descriptor, listener: .gateway, address: "127.0.0.1:1",
            localAddress: "127.0.0.1:2", nodeConnectionCount: 1)
    }
}
