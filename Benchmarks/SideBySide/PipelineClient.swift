import Glibc
import Uring

/// A blocking connection for requests that are answered with one line each, or with bulk strings.
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

    /// Sends requests that are answered with a bulk string or with null, and waits for the replies;
    /// `body` is called with the place of each and whether it is a string.
    func readValues(_ requests: [UInt8], count: Int, _ body: (Int, Bool) -> Void) throws {
        try send(requests)
        var place = 0
        // Bytes of a string that are still to come, and of a length what has come.
        var skipped = 0
        var line: [UInt8] = []
        while place < count || skipped > 0 {
            let length = unsafe received.withUnsafeMutableBytes {
                unsafe read(socket.rawValue, $0.baseAddress, $0.count)
            }
            if length <= 0 { throw Failure("the connection ended") }
            var index = 0
            while index < length {
                let passed = min(skipped, length - index)
                skipped -= passed
                index += passed
                if index == length { break }
                line.append(received[index])
                index += 1
                if line.last != UInt8(ascii: "\n") { continue }
                let text = String(decoding: line.dropLast(2), as: UTF8.self)
                guard text.first == "$", let size = Int(text.dropFirst()) else {
                    throw Failure(text)
                }
                body(place, size >= 0)
                place += 1
                skipped = size < 0 ? 0 : size + 2
                line.removeAll()
            }
        }
    }

    /// The reply to an inline request: a line, or a bulk string without its length.
    func reply(to request: String) throws -> String {
        try send(Array("\(request)\r\n".utf8))
        var reply: [UInt8] = []
        while true {
            let count = unsafe received.withUnsafeMutableBytes {
                unsafe read(socket.rawValue, $0.baseAddress, $0.count)
            }
            if count <= 0 { throw Failure("the connection ended") }
            reply += received[0..<count]
            guard let lineEnd = reply.firstIndex(of: UInt8(ascii: "\n")) else { continue }
            let line = String(decoding: reply[..<(lineEnd - 1)], as: UTF8.self)
            guard line.first == "$", let length = Int(line.dropFirst()) else { return line }
            let body = reply[(lineEnd + 1)...]
            if body.count >= length + 2 {
                return String(decoding: body.prefix(length), as: UTF8.self)
            }
        }
    }

    /// The number that a section of INFO gives a field.
    func info(_ section: String, _ field: String) throws -> Int? {
        for line in try reply(to: "INFO \(section)").split(whereSeparator: \.isNewline)
        where line.hasPrefix("\(field):") {
            return Int(line.dropFirst(field.count + 1))
        }
        return nil
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
