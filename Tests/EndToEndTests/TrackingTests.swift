import Foundation
import TestSupport
import Testing

/// A client that keeps what it reads, and drops what it is told of, never ends with an old value.
@Suite struct TrackingTests {
    /// Connections that read and write all at once, in long pipelines over all cores. At the end
    /// what every reader has kept is what the server has.
    @Test(arguments: ServerProgram.subject.coreCounts, [false, true])
    func cachesAreTrue(cores: Int, isBroadcast: Bool) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let modes = isBroadcast ? ["BCAST", "PREFIX", "key:"] : []
        let readers = try (0..<4).map { seed in
            try CachingReader(server, seed: UInt64(seed + 1), modes: modes)
        }
        let writers = try (0..<3).map { _ in try server.connect() }
        var dice = SystemRandomNumberGenerator()
        for round in 0..<150 {
            for (place, writer) in writers.enumerated() {
                let calls = (0..<20).map { number in
                    Self.write(
                        "\(round).\(place).\(number)", Int.random(in: 0..<100, using: &dice))
                }
                try writer.send(calls.flatMap(\.encoded))
            }
            for reader in readers { try reader.request() }
            for reader in readers { try reader.takeReplies() }
        }
        for writer in writers {
            try writer.send(Call("ECHO", "the end").encoded)
            while try writer.receive().reply.text != "the end" {}
        }
        let control = try server.connect()
        for reader in readers {
            _ = try Deadline.wait(seconds: 10) { try reader.isTrue(control) }
            #expect(try reader.isTrue(control), "a cache has an old value")
            // All that it had may have been written last.
            try reader.request()
            try reader.takeReplies()
            #expect(reader.keptCount > 0, "a cache has something")
        }
    }

    /// The check can fail: a client that is told nothing keeps old values.
    @Test func aCacheThatIsToldNothingIsFound() throws {
        let server = try ServerProcess(.subject)
        let reader = try CachingReader(server, seed: 1, modes: ["OPTIN"])
        let control = try server.connect()
        try reader.request()
        try reader.takeReplies()
        for number in 0..<24 { try control.call("SET", "key:\(number)", "new") }
        #expect(try !reader.isTrue(control))
    }

    private static func write(_ value: String, _ lot: Int) -> Call {
        let key = "key:\(lot % 24)"
        switch lot {
        case 0: return Call("MSET", key, value, "key:3", value, "key:7", value)
        case 1: return Call("DEL", key, "key:5")
        case 2: return Call("RENAME", key, "key:11")
        case 3: return Call("SET", key, value, "PX", "1")
        case 4: return Call(words: lot % 3 == 0 ? "FLUSHALL" : "SET key:1 \(value)")
        default: return Call("SET", key, value)
        }
    }
}

/// A client of RESP3 with a cache.
private final class CachingReader {
    private let connection: RespConnection
    private var cache: [String: String] = [:]
    /// The keys of each request that is not answered yet.
    private var asked: [[String]] = []
    private var state: UInt64

    init(_ server: ServerProcess, seed: UInt64, modes: [String]) throws {
        connection = try server.connect()
        state = seed
        try connection.call("HELLO", "3")
        try connection.call(Call((["CLIENT", "TRACKING", "ON"] + modes).map { Array($0.utf8) }))
    }

    var keptCount: Int { cache.count }

    private func lot(_ bound: UInt64) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % bound)
    }

    /// Asks for keys, some of them several at once, some in a transaction.
    func request() throws {
        var bytes: [UInt8] = []
        for _ in 0..<15 {
            let keys = (0..<(lot(4) == 0 ? 3 : 1)).map { _ in "key:\(lot(24))" }
            if lot(8) == 0 {
                bytes += Call("MULTI").encoded
                for key in keys { bytes += Call("GET", key).encoded }
                bytes += Call("EXEC").encoded
                // MULTI and each QUEUED have no keys.
                asked += Array(repeating: [], count: keys.count + 1) + [keys]
            } else {
                bytes += Call(([keys.count > 1 ? "MGET" : "GET"] + keys).map { Array($0.utf8) })
                    .encoded
                asked.append(keys)
            }
        }
        try connection.send(bytes)
    }

    func takeReplies() throws {
        while !asked.isEmpty { take(try connection.receive().reply) }
    }

    private func take(_ reply: Reply) {
        if case .push(let parts) = reply {
            invalidate(parts)
            return
        }
        let keys = asked.removeFirst()
        let values = keys.count == 1 && reply.elements == nil ? [reply] : reply.elements ?? []
        for (key, value) in zip(keys, values) { cache[key] = value.text ?? "nothing" }
    }

    private func invalidate(_ parts: [Reply]) {
        guard let keys = parts.last?.elements else {
            cache = [:]
            return
        }
        for key in keys.compactMap(\.text) { cache[key] = nil }
    }

    /// Whether what is kept is what the server has, after all that has come so far.
    func isTrue(_ control: RespConnection) throws -> Bool {
        while let next = try connection.receive(within: 0.05) { take(next.reply) }
        for (key, value) in cache {
            if (try control.call("GET", key).text ?? "nothing") != value { return false }
        }
        return true
    }
}
