import Glibc
import Node
import Settings
import Uring

/// The ports of a node, bound.
///
/// The gateway and node ports are accepted by core 0, which spreads the clients; each core port by
/// its own core.
final class ListenerSet {
    private struct Bound {
        let socket: ListeningSocketBox
        let listener: Listener
        /// The only core that serves it; nil for all.
        let core: Int?
    }

    private var bound: [Bound] = []
    private(set) var addresses: [BindAddress] = []

    init(_ settings: ServerSettings) throws(StartupObstacle) {
        for address in settings.addresses {
            if try !isAvailable(address, settings.port) { continue }
            addresses.append(address)
            try bind(address, settings.port, "port", .gateway, nil)
            try bind(address, settings.nodePort, "node-port", .node, nil)
            for core in 0..<settings.coreCount {
                guard let port = settings.findPort(ofCore: core) else { break }
                try bind(address, port, "core-ports", .core, core)
            }
        }
    }

    /// An optional address that this machine lacks is passed over.
    private func isAvailable(_ address: BindAddress, _ port: UInt16) throws(StartupObstacle) -> Bool
    {
        if !address.isOptional { return true }
        do throws(SystemError) {
            _ = try ListeningSocket(host: address.text, port: 0, backlog: 1)
            return true
        } catch {
            return false
        }
    }

    private func bind(
        _ address: BindAddress, _ port: UInt16, _ setting: String, _ listener: Listener,
        _ core: Int?
    ) throws(StartupObstacle) {
        do throws(SystemError) {
            let socket = try ListeningSocket(host: address.text, port: port, backlog: 1024)
            bound.append(Bound(socket: ListeningSocketBox(socket), listener: listener, core: core))
        } catch {
            switch error.code {
            case EADDRINUSE:
                throw .portInUse(address: address.text, port: port, setting: setting)
            case EADDRNOTAVAIL: throw .addressNotAvailable(address: address.text)
            case EACCES: throw .portNotPermitted(port: port, setting: setting)
            default:
                throw .systemCallFailed(name: error.call, reason: SystemError.message(error.code))
            }
        }
    }

    func listeners(ofCore index: Int) -> LoopListeners {
        LoopListeners(
            bound.lazy.filter { ($0.core ?? 0) == index }.map {
                LoopListener(
                    descriptor: $0.socket.descriptor, listener: $0.listener,
                    isShared: $0.core == nil)
            })
    }
}

/// Keeps a socket open as long as the set lives; arrays cannot hold the socket itself.
private final class ListeningSocketBox {
    private let socket: ListeningSocket

    init(_ socket: consuming ListeningSocket) {
        self.socket = socket
    }

    var descriptor: FileDescriptor { socket.descriptor }
}
