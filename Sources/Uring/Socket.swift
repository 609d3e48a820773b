import Glibc

/// A listening TCP socket, closed when dropped.
public struct ListeningSocket: ~Copyable, Sendable {
    /// The socket; closed when this value is dropped.
    public let descriptor: FileDescriptor
    /// Where it listens, with the port that the kernel chose if 0 was asked for.
    public let address: SocketAddress

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or a name whose first address is taken. An IPv6 socket
    ///     serves IPv6 only.
    ///   - port: 0 lets the kernel choose.
    ///   - backlog: connections that wait to be accepted; the kernel bounds it by
    ///     `net.core.somaxconn`.
    ///
    /// Throws the failed call: `getaddrinfo` with `EADDRNOTAVAIL` for a host that is no address
    /// here, `bind` with `EADDRINUSE` or `EACCES`, and so on.
    public init(host: String, port: UInt16, backlog: Int32) throws(SystemError) {
        let socket = unsafe try TCP.open(host: host, port: port) {
            (socket, address, length) throws(SystemError) in
            TCP.setOption(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            TCP.setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1)
            if unsafe bind(socket, address, length) != 0 { throw SystemError(call: "bind") }
            if listen(socket, backlog) != 0 { throw SystemError(call: "listen") }
        }
        guard let address = socket.localAddress else {
            socket.close()
            throw SystemError(call: "getsockname", code: ENOTSOCK)
        }
        self.address = address
        descriptor = socket
    }

    deinit {
        descriptor.close()
    }
}

/// What the loop needs to know of a connected socket.
extension FileDescriptor {
    /// A connected TCP socket, blocking until connected; the caller closes it.
    public static func connected(host: String, port: UInt16) throws(SystemError) -> FileDescriptor {
        unsafe try TCP.open(host: host, port: port) {
            (socket, address, length) throws(SystemError) in
            if unsafe connect(socket, address, length) != 0 { throw SystemError(call: "connect") }
        }
    }

    /// Sends small segments at once instead of gathering them (`TCP_NODELAY`). Best effort: a
    /// connection that is gone already reports itself elsewhere.
    public func setNoDelay() {
        TCP.setOption(rawValue, TCP.protocolNumber, TCP_NODELAY, 1)
    }

    /// Probes a silent peer after `idleSeconds`, so that one that vanished is noticed after about
    /// twice that (`SO_KEEPALIVE`).
    public func setKeepAlive(idleSeconds: Int32) {
        TCP.setOption(rawValue, SOL_SOCKET, SO_KEEPALIVE, 1)
        TCP.setOption(rawValue, TCP.protocolNumber, TCP_KEEPIDLE, idleSeconds)
        TCP.setOption(rawValue, TCP.protocolNumber, TCP_KEEPINTVL, max(1, idleSeconds / 3))
        TCP.setOption(rawValue, TCP.protocolNumber, TCP_KEEPCNT, 3)
    }

    /// This end of the connection; nil for what is no TCP socket.
    public var localAddress: SocketAddress? {
        unsafe TCP.address { unsafe getsockname(rawValue, $0, $1) }
    }

    /// The other end; nil once the connection is gone.
    public var peerAddress: SocketAddress? {
        unsafe TCP.address { unsafe getpeername(rawValue, $0, $1) }
    }
}

/// The socket calls in the shapes that this file needs.
private enum TCP {
    static let protocolNumber = Int32(IPPROTO_TCP)

    /// Opens a stream socket for the host's first address and lets `use` bind or connect it.
    static func open(
        host: String, port: UInt16,
        use: (Int32, UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) -> FileDescriptor {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let first = unsafe found
        else { throw SystemError(call: "getaddrinfo", code: EADDRNOTAVAIL) }
        defer { unsafe freeaddrinfo(found) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = unsafe FileDescriptor(rawValue: socket(first.pointee.ai_family, type, 0))
        if socket.rawValue < 0 { throw SystemError(call: "socket") }
        do throws(SystemError) {
            unsafe try use(socket.rawValue, first.pointee.ai_addr, first.pointee.ai_addrlen)
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    static func setOption(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    static func address(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe call(address, &length)
            }
        }
        return code == 0 ? SocketAddress(storage) : nil
    }
}
