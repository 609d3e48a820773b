import Glibc
import Uring

/// A connection that asks for INFO, one request at a time, and waits for the reply.
struct TopConnection: ~Copyable {
    private let socket: FileDescriptor

    /// - Throws: ``TopFailure``.
    init(host: String, port: UInt16) throws {
        socket = try Self.connect(host, port)
        // A server that says nothing for so long is not waited for.
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(
            socket.rawValue, SOL_SOCKET, SO_RCVTIMEO, &timeout,
            socklen_t(MemoryLayout<timeval>.size))
        signal(SIGPIPE, SIG_IGN)
    }

    /// AUTH, where the server asks for a password.
    func authenticate(_ password: String?) throws {
        if let password { _ = try ask(["AUTH", password]) }
    }

    private static func connect(_ host: String, _ port: UInt16) throws -> FileDescriptor {
        do {
            return try FileDescriptor.connected(
                host: host == "localhost" ? "127.0.0.1" : host, port: port)
        } catch {
            throw TopFailure.unreachable(
                host: host, port: port, reason: SystemError.message(error.code))
        }
    }

    deinit {
        socket.close()
    }

    /// Sends a request; returns the reply, a line or a bulk string.
    ///
    /// - Throws: ``TopFailure``.
    func ask(_ words: [String]) throws -> String {
        var request = "*\(words.count)\r\n"
        for word in words { request += "$\(word.utf8.count)\r\n\(word)\r\n" }
        try send(Array(request.utf8))
        var received: [UInt8] = []
        while true {
            if let reply = try TopReply.read(received) { return reply }
            received += try receive()
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let rest = bytes[sent...]
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(socket.rawValue, $0.baseAddress, $0.count)
            }
            if count <= 0 { throw TopFailure.disconnected }
            sent += count
        }
    }

    private func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe Glibc.read(socket.rawValue, $0.baseAddress, $0.count)
        }
        if count <= 0 { throw TopFailure.disconnected }
        return Array(buffer[..<count])
    }
}

/// Replies of the kinds that AUTH and INFO have.
enum TopReply {
    /// The reply that `bytes` begin with; nil while it is incomplete.
    ///
    /// - Throws: ``TopFailure/refused(_:)`` for an error.
    static func read(_ bytes: [UInt8]) throws -> String? {
        guard let end = bytes.firstIndex(of: 13), end + 1 < bytes.count else { return nil }
        let line = String(decoding: bytes[1..<max(end, 1)], as: UTF8.self)
        switch bytes[0] {
        case UInt8(ascii: "+"): return line
        case UInt8(ascii: "-"): throw TopFailure.refused(line)
        case UInt8(ascii: "$"):
            guard let length = Int(line), length >= 0 else { throw TopFailure.notGyre }
            let start = end + 2
            if bytes.count < start + length + 2 { return nil }
            return String(decoding: bytes[start..<(start + length)], as: UTF8.self)
        default: throw TopFailure.notGyre
        }
    }
}
