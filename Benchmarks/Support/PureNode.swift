import Base
import Node
import Placement
import Uring

/// The cores of a node without a kernel, in one thread, mail carried by hand, with one client of
/// the first core. As ``PureCore``, it reads no clock but to time turns.
public final class PureNode {
    private final class Box {
        var core: Core
        var unprepared: MemoryRegion?
        var mail: [ParcelReference] = []
        /// What came before a turn belongs to it.
        var nanoseconds: UInt64 = 0

        init(_ core: consuming Core) {
            self.core = core
        }
    }

    private var boxes: [Box] = []
    private let client: ConnectionID
    /// Bytes of all replies so far.
    public private(set) var replyBytes = 0
    /// How many turns there were since ``forgetTurns()``, the longest, and the sum of all, in
    /// nanoseconds of CPU.
    public private(set) var turnCount = 0
    public private(set) var longest: UInt64 = 0
    public private(set) var total: UInt64 = 0

    public init(coreCount: Int) {
        for number in 0..<coreCount {
            let core = Core(
                index: CoreIndex(UInt16(number)), coreCount: coreCount, identity: .nobody,
                configuration: NodeConfiguration(),
                routing: RoutingTable(singleNodeWithCores: coreCount), seed: UInt64(number + 1),
                hashSeed: 2, stopwatch: Stopwatch { 0 })
            boxes.append(Box(core))
            boxes[number].core.setTime(Self.now)
        }
        client = boxes[0].core.accepted(
            AcceptedConnection(
                descriptor: 0, listener: .gateway, address: "?:0", localAddress: "?:0",
                nodeConnectionCount: 1))
        settle()
    }

    /// The number of the core that owns a key.
    public func owner(of key: String) -> Int { boxes[0].core.ownerNumber(ofKey: key) }

    /// Hands the client's core what it has sent, and lets all cores take turns until none wants
    /// anything.
    public func send(_ bytes: Bytes) {
        time(boxes[0]) { boxes[0].core.received(client, bytes) }
        settle()
    }

    public func forgetTurns() {
        turnCount = 0
        longest = 0
        total = 0
    }

    private func time(_ box: Box, _ body: () -> Void) {
        let start = Clocks.threadCPUNanoseconds()
        body()
        box.nanoseconds += Clocks.threadCPUNanoseconds() - start
    }

    private func settle() {
        var isBusy = true
        while isBusy {
            isBusy = false
            for box in boxes where takeTurn(box) { isBusy = true }
        }
    }

    private func takeTurn(_ box: Box) -> Bool {
        let isDue = box.core.nextTick.map { $0 <= Self.now } ?? false
        let mail = box.mail
        box.mail.removeAll()
        time(box) {
            for parcel in mail { box.core.mailArrived(parcel) }
            if isDue { box.core.tick() }
            box.core.endTurn()
        }
        longest = max(longest, box.nanoseconds)
        total += box.nanoseconds
        turnCount += 1
        box.nanoseconds = 0
        return perform(box) || isDue || !mail.isEmpty
    }

    private func perform(_ box: Box) -> Bool {
        let count = box.core.outbox.effects.count
        for place in 0..<count {
            switch box.core.outbox.effects[place] {
            case .send(let id, let bytes):
                replyBytes &+= bytes.count
                box.core.sendCompleted(id, result: bytes.count)
            case .mail(let target, let parcel): boxes[Int(target.rawValue)].mail.append(parcel)
            case .prepareMemory(let region): box.unprepared = region
            default: break
            }
        }
        box.core.outbox.effects.removeAll()
        if let region = box.unprepared {
            box.unprepared = nil
            unsafe region.buffer.initializeMemory(as: UInt8.self, repeating: 0)
            box.core.memoryPrepared()
        }
        return count > 0
    }

    /// Milliseconds since 1970: the time stands still.
    private static var now: Int64 { 1_700_000_000_000 }
}
