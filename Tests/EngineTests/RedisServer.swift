import Glibc

/// A redis-server of its own, on a free port, for as long as the value lives; nil where none is
/// installed.
final class RedisServer {
    private let process: pid_t
    private let socket: Int32

    init?() {
        guard unsafe access(Self.path, X_OK) == 0, let port = Self.freePort(),
            let started = Self.start(port)
        else { return nil }
        process = started
        guard let connected = Self.connect(port) else {
            Self.stop(started)
            return nil
        }
        socket = connected
    }

    deinit {
        close(socket)
        Self.stop(process)
    }

    private static let path = "/usr/bin/redis-server"

    private static func start(_ port: UInt16) -> pid_t? {
        let words = [
            path, "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--logfile", "/dev/null",
        ]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for unsafe argument in unsafe arguments { unsafe free(argument) } }
        var process: pid_t = 0
        let outcome = unsafe posix_spawn(&process, path, nil, nil, &arguments, environ)
        return outcome == 0 ? process : nil
    }

    private static func stop(_ process: pid_t) {
        // Nothing of it is to be kept, and it may have inherited a mask that blocks SIGTERM.
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Sends one request and returns the reply's bytes, which end where its form says.
    func send(_ request: [UInt8]) -> [UInt8] {
        var sent = 0
        while sent < request.count {
            let count = unsafe request.withUnsafeBytes {
                unsafe write(socket, $0.baseAddress! + sent, $0.count - sent)
            }
            if count <= 0 { return [] }
            sent += count
        }
        var reply: [UInt8] = []
        while Self.replyEnd(reply, 0) == nil {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(socket, $0.baseAddress!, $0.count)
            }
            if count <= 0 { return reply }
            reply += chunk[..<count]
        }
        return reply
    }

    /// Where the reply at `start` ends, or nil while it is incomplete.
    private static func replyEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard let line = bytes[start...].firstIndex(of: 10) else { return nil }
        let number = Int(String(decoding: bytes[(start + 1)..<(line - 1)], as: UTF8.self)) ?? 0
        switch bytes[start] {
        case UInt8(ascii: "$"):
            if number < 0 { return line + 1 }
            let end = line + 1 + number + 2
            return end <= bytes.count ? end : nil
        case UInt8(ascii: "*"), UInt8(ascii: "%"):
            var next = line + 1
            for _ in 0..<max(bytes[start] == UInt8(ascii: "%") ? 2 * number : number, 0) {
                guard let end = replyEnd(bytes, next) else { return nil }
                next = end
            }
            return next
        default: return line + 1
        }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        sockaddr_in(
            sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian,
            sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian),
            sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
    }

    private static func freePort() -> UInt16? {
        let probe = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(probe) }
        var any = address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &any) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(probe, $0, length) == 0 && getsockname(probe, $0, &length) == 0
            }
        }
        return isBound ? UInt16(bigEndian: any.sin_port) : nil
    }

    /// Connects once the server listens; nil when it does not within ten seconds.
    private static func connect(_ port: UInt16) -> Int32? {
        let deadline = ContinuousClock.now + .seconds(10)
        var target = address(port)
        while ContinuousClock.now < deadline {
            let attempt = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let isConnected = unsafe withUnsafePointer(to: &target) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(
                        attempt, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isConnected { return attempt }
            close(attempt)
            usleep(10_000)
        }
        return nil
    }
}
