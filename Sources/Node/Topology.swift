import Base
import Engine
import Placement

/// One endpoint of the cluster as clients of some port see it.
struct ClusterEndpoint {
    /// 40 hexadecimal characters.
    var id: String
    var host: String
    var port: Int
    var slots: SlotRanges
    /// The endpoint that the asking client is connected to.
    var isSelf: Bool
}

/// The cluster as clients of one port see it: a node is one endpoint, or each of its cores is.
///
/// The host is the address by which this client reached the node, so whatever name or interface it
/// came by, it can come again.
struct Topology {
    private(set) var endpoints: [ClusterEndpoint] = []

    init(_ connection: ConnectionDetails, _ core: borrowing Core) {
        let host = SocketName(connection.localAddress).host
        guard connection.listener == .core, let corePort = core.identity.corePort else {
            let everything = SlotRanges(
                ofNode: core.engine.routing.localNode ?? NodeIndex(0), in: core.engine.routing)
            endpoints = [
                ClusterEndpoint(
                    id: core.identity.id, host: host, port: core.identity.nodePort,
                    slots: everything, isSelf: true)
            ]
            return
        }
        for number in 0..<core.coreCount {
            let index = CoreIndex(UInt16(number))
            endpoints.append(
                ClusterEndpoint(
                    id: core.identity.id(ofCore: index), host: host, port: corePort + number,
                    slots: SlotRanges(ofLocalCore: index, in: core.engine.routing),
                    isSelf: index == core.index))
        }
    }

    /// The endpoint that the client is connected to.
    var own: ClusterEndpoint {
        guard let own = endpoints.first(where: \.isSelf) else {
            invariantFailed("a client is connected to an endpoint")
        }
        return own
    }
}

extension NodeIdentity {
    /// A core's own id: the node's with its last four digits, read as a number, changed by the
    /// core's number. So it is the same at every look, and no two cores' are alike.
    func id(ofCore core: CoreIndex) -> String {
        let tail = UInt16(id.suffix(4), radix: 16) ?? 0
        let digits = String(tail ^ (core.rawValue &+ 1), radix: 16)
        return id.dropLast(4) + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// The two halves of "host:port" or "[host]:port".
struct SocketName {
    /// Without brackets.
    let host: String
    let port: Int

    init(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else {
            host = text
            port = 0
            return
        }
        host = String(text[..<colon].filter { $0 != "[" && $0 != "]" })
        port = Int(text[text.index(after: colon)...]) ?? 0
    }
}

extension Core {
    /// On a core's own port: answers a request for another core's keys with where they are.
    ///
    /// - Returns: whether it was answered.
    mutating func redirect(_ connection: ConnectionReference, _ request: Request) -> Bool {
        switch request.route.withoutBlocking {
        case .core where request.spansSlots, .patterns where request.spansSlots, .cores:
            engine.reject(request.command)
            engine.fail("CROSSSLOT Keys in request don't hash to the same slot")
        case .core where request.core != index, .patterns where request.core != index:
            engine.reject(request.command)
            failMoved(connection, request.slot, to: request.core)
        default: return false
        }
        connection.state.session.isTransactionBroken = connection.state.session.isInTransaction
        return true
    }

    /// On a core's own port: tells the client which one to ask.
    mutating func failMoved(
        _ connection: ConnectionReference, _ slot: UInt16, to core: CoreIndex
    ) {
        let host = SocketName(connection.state.details.localAddress).host
        let port = (identity.corePort ?? 0) + Int(core.rawValue)
        engine.fail("MOVED \(slot) \(host):\(port)")
    }
}
