import Glibc
import Uring

/// A blocking connection for requests that are answered with one line each.
final class PipelineClient {
    private let socket: FileDescriptor
    private var received = [UInt8](repeating: 0, count: 65_536)

    init(port: UInt16) throws {
        socket = try FileDescriptor.connected(host: "127.0.0.1", port: port)
    }

    deinit {
        socket.close()
    }

    /// Sends requests and waits for their replies, which must be no errors.
    func exchange(_ requests: [UInt8], replyCount: Int) throws {
        try send(requests)
        var left = replyCount
        var isAtLineStart = true
        while left > 0 {
            let count = unsafe received.withUnsafeMutableBytes {
                unsafe read(socket.rawValue, $0.baseAddress, $0.count)
            }
            if count <= 0 { throw Failure("the connection ended") }
            for byte in received[0..<count] {
                if isAtLineStart, byte == UInt8(ascii: "-") {
                    let text = String(decoding: received[0..<count], as: UTF8.self)
                    throw Failure(String(text.prefix { $0 != "\r\n" }))
                }
                isAtLineStart = byte == UInt8(ascii: "\n")
                if isAtLineStart { left -= 1 }
            }
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(socket.rawValue, $0.baseAddress! + sent, $0.count - sent)
            }
            if count <= 0 { throw Failure("the connection ended") }
            sent += count
        }
    }
}
