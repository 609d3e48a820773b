import Node

/// A core of a simulated node, with its connections.
final class SimCore {
    var core: Core
    var sockets: [SimSocket] = []

    init(_ core: consuming Core) {
        self.core = core
    }

    /// The open socket of a connection. Effects name no other.
    func find(_ id: ConnectionID) -> SimSocket? {
        sockets.first { $0.id == id }
    }
}
