import Glibc

/// What ended an exchange with a server other than by a reply.
public enum ConnectionError: Error, Equatable, CustomStringConvertible {
    case closed
    case timedOut(seconds: Double)
    case system(operation: String, errno: Int32)

    public var description: String {
        switch self {
        case .closed: "the server closed the connection"
        case .timedOut(let seconds): "nothing happened within \(seconds) s"
        case .system(let operation, let number): "\(operation): error \(number)"
        }
    }
}

/// A blocking RESP client over one TCP connection to the loopback address. Every wait has a
/// deadline; sending never deadlocks with a server that waits for its replies to be read.
public final class RespConnection {
    public let descriptor: Int32
    private var parser = ReplyParser()
    private let timeoutSeconds: Double
    private var isOpen = true

    /// Connects to 127.0.0.1. `receiveBufferBytes` shrinks the kernel's buffer, for slow readers.
    public init(
        port: UInt16, timeoutSeconds: Double = 20, receiveBufferBytes: Int32? = nil
    ) throws {
        self.timeoutSeconds = timeoutSeconds
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionError.system(operation: "socket",
        errno: errno) }
        if let receiveBufferBytes { set(SOL_SOCKET, SO_RCVBUF, receiveBufferBytes) }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        var address = loopback(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, length)
            }
        }
        guard status == 0 else { throw ConnectionError.system(operation: "connect", errno: errno) }
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    deinit { close() }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    /// Ends this side of the connection; replies can still arrive.
    public func shutdownWrite() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(
            descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

// MARK: - Calls

extension RespConnection {
    /// Sends a call and waits for its reply.
    @discardableResult
    public func call(_ call: Call) throws -> Received {
        try send(call.encoded)
        return try receive()
    }

    /// Sends a call given as its words and waits for its reply.
    @discardableResult
    public func call(_ arguments: String...) throws -> Reply {
        try call(Call(arguments.map { Array($0.utf8) })).reply
    }

    /// Has the reference save what it has; the path of its file.
    public func save() throws -> String {
        let reply = try call("SAVE")
        guard reply == .simple(Array("OK".utf8)) else {
            throw ReplyFormatError(description: "SAVE: \(reply)")
        }
        return (try call("CONFIG", "GET", "dir").elements?.last?.text ?? "") + "/dump.rdb"
    }

    /// Sends all bytes, reading whatever the server answers meanwhile.
    public func send(_ bytes: [UInt8]) throws {
        let deadline = Deadline(seconds: timeoutSeconds)
        var sent = 0
        while sent < bytes.count {
            let ready = try wait(for: Int16(POLLIN | POLLOUT), until: deadline)
            if ready & Int16(POLLOUT) != 0 {
                sent += try sendSome(bytes[sent...])
            } else if try !readSome() {
                throw ConnectionError.closed
            }
        }
    }

    /// Sends what the connection takes without reading a single reply, until everything is sent or
    /// it took nothing for `stallSeconds`. Returns the number of bytes sent.
    public func sendWithoutReading(_ bytes: [UInt8], stallSeconds: Double) throws -> Int {
        var sent = 0
        while sent < bytes.count {
            do {
                _ = try wait(for: Int16(POLLOUT), until: Deadline(seconds: stallSeconds))
            } catch ConnectionError.timedOut {
                return sent
            }
            sent += try sendSome(bytes[sent...])
        }
        return sent
    }

    /// The next reply.
    public func receive() throws -> Received {
        let deadline = Deadline(seconds: timeoutSeconds)
        while true {
            if let received = try parser.next() { return received }
            _ = try wait(for: Int16(POLLIN), until: deadline)
            guard try readSome() else { throw ConnectionError.closed }
        }
    }

    /// The next reply if one arrives within the time; `nil` otherwise.
    public func receive(within seconds: Double) throws -> Received? {
        let deadline = Deadline(seconds: seconds)
        while true {
            if let received = try parser.next() { return received }
            do {
                _ = try wait(for: Int16(POLLIN), until: deadline)
            } catch ConnectionError.timedOut {
                return nil
            }
            guard try readSome() else { throw ConnectionError.closed }
        }
    }

    /// Everything that still arrives until the server closes the connection.
    public func receiveUntilClosed() throws -> [UInt8] {
        let deadline = Deadline(seconds: timeoutSeconds)
        repeat {
            _ = try wait(for: Int16(POLLIN), until: deadline)
        } while try readSome()
        return Array(parser.pending)
    }

    /// Everything that arrives up to and including `sentinel`, or until the server closes.
    public func receive(until sentinel: [UInt8]) throws -> [UInt8] {
        let deadline = Deadline(seconds: timeoutSeconds)
        while !Array(parser.pending.suffix(sentinel.count)).elementsEqual(sentinel) {
            _ = try wait(for: Int16(POLLIN), until: deadline)
            guard try readSome() else { break }
        }
        let bytes = Array(parser.pending)
        parser = ReplyParser()
        return bytes
    }
}

// MARK: - The socket

extension RespConnection {
    private func wait(for events: Int16, until deadline: Deadline) throws -> Int16 {
        var poller = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            let status = unsafe poll(&poller, 1, deadline.remainingMilliseconds)
            if status > 0 { return poller.revents }
            if status == 0 { throw ConnectionError.timedOut(seconds: timeoutSeconds) }
            guard errno == EINTR else {
                throw ConnectionError.system(operation: "poll", errno: errno)
            }
        }
    }

    private func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        switch errno {
        case EAGAIN, EINTR: return 0
        case EPIPE, ECONNRESET: throw ConnectionError.closed
        default: throw ConnectionError.system(operation: "send", errno: errno)
        }
    }

    /// Reads once; false at the end of the stream.
    private func readSome() throws -> Bool {
        let chunk = 1 << 16
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, initialized in
            count = unsafe recv(descriptor, buffer.baseAddress, chunk, 0)
            initialized = max(count, 0)
        }
        if count > 0 {
            parser.append(bytes)
            return true
        }
        if count == 0 || errno == ECONNRESET { return false }
        guard errno == EAGAIN || errno == EINTR else {
            throw ConnectionError.system(operation: "recv", errno: errno)
        }
        return true
    }
}
