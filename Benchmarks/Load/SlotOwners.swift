import Glibc
import Uring

/// Which endpoint owns each of the 16,384 slots, as the server's CLUSTER SLOTS tells it.
struct SlotOwners {
    static let slotCount = 16_384

    private(set) var ports: [UInt16] = []
    /// Index into ``ports`` by slot.
    private var owners = [Int](repeating: 0, count: slotCount)

    /// Endpoints that divide the slots evenly, whatever they say themselves.
    init(ports: [UInt16]) {
        self.ports = ports
        for slot in owners.indices { owners[slot] = slot * ports.count / SlotOwners.slotCount }
    }

    /// Asks the server on `port`.
    init(askingHost host: String, port: UInt16) throws {
        let socket = try FileDescriptor.connected(host: host, port: port)
        defer { socket.close() }
        guard case .array(let ranges) = try BlockingReply.ask(socket, "CLUSTER SLOTS\r\n") else {
            throw LoadFailure("CLUSTER SLOTS: not an array")
        }
        for range in ranges {
            guard case .array(let row) = range, row.count >= 3, case .array(let node) = row[2],
                case .number(let first) = row[0], case .number(let last) = row[1],
                case .number(let number) = node[1], let owner = UInt16(exactly: number),
                (0..<SlotOwners.slotCount).contains(first), first <= last,
                last < SlotOwners.slotCount
            else { throw LoadFailure("CLUSTER SLOTS: a row that is none") }
            let place = ports.firstIndex(of: owner) ?? ports.count
            if place == ports.count { ports.append(owner) }
            for slot in first...last { owners[slot] = place }
        }
    }

    /// The index of the endpoint that owns a key of the generator's.
    func owner(ofKey key: Int) -> Int {
        if ports.count == 1 { return 0 }
        var crc: UInt16 = 0
        for byte in "key:".utf8 { crc = SlotOwners.step(crc, byte) }
        unsafe withUnsafeTemporaryAllocation(
            byteCount: RequestTemplate.digits, alignment: 1
        ) { digits in
            unsafe RequestTemplate.writeDigits(of: key, to: digits.baseAddress!)
            for unsafe byte in unsafe digits { crc = SlotOwners.step(crc, byte) }
        }
        return owners[Int(crc) % SlotOwners.slotCount]
    }

    /// CRC16/XMODEM, by which the Redis cluster specification maps keys to slots.
    private static func step(_ crc: UInt16, _ byte: UInt8) -> UInt16 {
        crc << 8 ^ table[Int(crc >> 8 ^ UInt16(byte))]
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { crc, _ in
            crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021
        }
    }
}

/// A reply read with plain blocking calls, for the few questions before the run.
enum BlockingReply {
    case array([BlockingReply])
    case number(Int)
    case text(String)

    static func ask(_ socket: FileDescriptor, _ request: String) throws -> BlockingReply {
        let bytes = Array(request.utf8)
        guard unsafe write(socket.rawValue, bytes, bytes.count) == bytes.count else {
            throw LoadFailure("the server does not listen to \(request)")
        }
        return try read(socket)
    }

    private static func read(_ socket: FileDescriptor) throws -> BlockingReply {
        let line = try readLine(socket)
        let rest = line.dropFirst()
        switch line.first {
        case "*": return .array(try (0..<(Int(rest) ?? 0)).map { _ in try read(socket) })
        case ":": return .number(Int(rest) ?? 0)
        case "$":
            let length = Int(rest) ?? 0
            if length < 0 { return .text("") }
            let text = try (0..<length).map { _ in try readByte(socket) }
            _ = try readLine(socket)
            return .text(String(decoding: text, as: UTF8.self))
        case "-": throw LoadFailure(line)
        default: return .text(String(rest))
        }
    }

    private static func readLine(_ socket: FileDescriptor) throws -> String {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") { line.append(try readByte(socket)) }
        return String(decoding: line.dropLast(2), as: UTF8.self)
    }

    private static func readByte(_ socket: FileDescriptor) throws -> UInt8 {
        var byte: UInt8 = 0
        guard unsafe Glibc.read(socket.rawValue, &byte, 1) == 1 else {
            throw LoadFailure("the server hung up")
        }
        return byte
    }
}

/// A run that cannot go on, and why.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
