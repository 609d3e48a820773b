import Base
import Glibc
import Uring

/// A reply, or the head of an array whose elements come next.
enum ServerReply {
    case simple
    /// In the server's words.
    case error(String)
    case integer(Int64)
    /// Valid until the next reply is received.
    case bulk(Bytes)
    case null
    case array(Int)
}

/// A connection for pipelines: requests are gathered and sent together, then their replies are
/// received one by one. A server that waits for its replies to be read is read from while it is
/// sent to.
struct ServerConnection: ~Copyable {
    let address: ServerAddress
    private let socket: FileDescriptor
    private var output = OutputBuffer()
    private var input = OutputBuffer()
    /// What of the input has been given out.
    private var offset = 0

    /// A server that does nothing for so long is not waited for.
    private static let patienceMilliseconds: Int32 = 60_000
    private static let readSize = 1 << 16

    init(_ address: ServerAddress) throws(CommandFailure) {
        self.address = address
        do {
            socket = try FileDescriptor.connected(host: address.host, port: address.port)
        } catch {
            throw .unreachable(address, SystemError.message(error.code))
        }
        socket.setNoDelay()
    }

    deinit {
        socket.close()
    }

    // MARK: Requests

    /// How many bytes of requests have been gathered.
    var gathered: Int { output.count }

    /// Begins a request of `count` words.
    mutating func begin(_ count: Int) {
        appendHead(UInt8(ascii: "*"), count)
    }

    /// Appends a word of the request.
    mutating func append(_ word: Bytes) {
        appendHead(UInt8(ascii: "$"), word.count)
        output.append(word)
        output.append("\r\n")
    }

    mutating func append(_ word: StaticString) {
        append(Bytes(word))
    }

    /// Appends a number as a word.
    mutating func append(_ number: Int64) {
        var digits = OutputBuffer()
        digits.append(decimal: number)
        append(digits.bytes)
    }

    mutating func append(_ word: String) {
        OwnedBytes(word).withBytes { append($0) }
    }

    private mutating func appendHead(_ mark: UInt8, _ count: Int) {
        output.append(mark)
        output.append(decimal: Int64(count))
        output.append("\r\n")
    }

    /// Sends all that has been gathered.
    mutating func flush() throws(CommandFailure) {
        var sent = 0
        while sent < output.count {
            let ready = try wait(Int16(POLLIN | POLLOUT))
            if ready & Int16(POLLOUT) != 0 {
                let rest = output.bytes.slice(sent, output.count)
                let count = unsafe Glibc.send(
                    socket.rawValue, rest.start, rest.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                if count < 0, errno != EAGAIN, errno != EINTR { throw .disconnected(address) }
                sent += max(count, 0)
            } else {
                try read()
            }
        }
        output.removeAll()
        output.shrink(over: 4 << 20)
    }

    /// Sends one request and waits for its reply, no error.
    ///
    /// - Returns: an integer, or the length of an array; else 0.
    mutating func ask(_ words: String...) throws(CommandFailure) -> Int64 {
        begin(words.count)
        for word in words { append(word) }
        try flush()
        switch try receive() {
        case .error(let words): throw .refused(address, words)
        case .integer(let integer): return integer
        case .array(let count): return Int64(count)
        case .simple, .bulk, .null: return 0
        }
    }

    // MARK: Replies

    /// The next reply.
    mutating func receive() throws(CommandFailure) -> ServerReply {
        dropGiven()
        while true {
            if let reply = try parse() { return reply }
            _ = try wait(Int16(POLLIN))
            try read()
        }
    }

    private mutating func dropGiven() {
        if offset == input.count {
            input.removeAll()
            input.shrink(over: 4 << 20)
            offset = 0
        } else if offset > 1 << 20, offset > input.count / 2 {
            input.removeFirst(offset)
            offset = 0
        }
    }

    /// The reply that has come; nil while it is incomplete.
    private mutating func parse() throws(CommandFailure) -> ServerReply? {
        let bytes = input.bytes.slice(offset, input.count)
        guard let end = bytes.lineEnd else { return nil }
        let line = bytes.slice(1, end)
        let next = end + 2
        switch bytes[0] {
        case UInt8(ascii: "+"):
            offset += next
            return .simple
        case UInt8(ascii: "-"):
            offset += next
            return .error(line.string)
        case UInt8(ascii: ":"):
            offset += next
            return .integer(line.canonicalInteger ?? 0)
        case UInt8(ascii: "*"):
            offset += next
            return .array(Int(line.canonicalInteger ?? 0))
        case UInt8(ascii: "$"):
            guard let length = line.canonicalInteger else { break }
            if length < 0 {
                offset += next
                return .null
            }
            if length > bytes.count - next - 2 { return nil }
            offset += next + Int(length) + 2
            return .bulk(bytes.slice(next, next + Int(length)))
        default: break
        }
        throw CommandFailure("\(address.text) does not speak the Redis protocol.", EX_PROTOCOL)
    }

    private mutating func read() throws(CommandFailure) {
        let room = unsafe input.reserve(Self.readSize)
        let size = input.capacity - input.count
        let count = unsafe recv(socket.rawValue, room, size, Int32(MSG_DONTWAIT))
        if count > 0 {
            input.advance(count)
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            throw .disconnected(address)
        }
    }

    private func wait(_ events: Int16) throws(CommandFailure) -> Int16 {
        var poller = pollfd(fd: socket.rawValue, events: events, revents: 0)
        while true {
            let count = unsafe poll(&poller, 1, Self.patienceMilliseconds)
            if count > 0 { return poller.revents }
            if count < 0, errno == EINTR { continue }
            throw CommandFailure(
                "\(address.text) has done nothing for \(Self.patienceMilliseconds / 1000) s.",
                EX_UNAVAILABLE)
        }
    }
}

extension Bytes {
    /// Where the first line ends: the place of its carriage return.
    fileprivate var lineEnd: Int? {
        var index = 0
        while index + 1 < count {
            if self[index] == 13, self[index + 1] == 10 { return index }
            index += 1
        }
        return nil
    }
}
