import Base
import RDB
import TestSupport
import Testing

/// What redis-server dumps is read, and what is written here it restores.
struct RedisPayloadTests {
    private let redis: RespConnection
    private let server: ServerProcess

    init() throws {
        server = try ServerProcess(.reference)
        redis = try server.connect()
    }

    private func call(_ words: [[UInt8]]) throws -> Reply {
        try redis.call(Call(words)).reply
    }

    private func call(_ words: String...) throws -> Reply {
        try call(words.map { Array($0.utf8) })
    }

    private func text(_ random: inout SplitMix64) -> [UInt8] {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return Array("\(Int.random(in: -200...200, using: &random))".utf8)
        case 1: return integer(&random)
        case 2: return Array("007".utf8)
        case 3:
            // Compresses well.
            let word = (0..<Int.random(in: 1...9, using: &random)).map { UInt8($0) }
            let count = Int.random(in: 5...300, using: &random)
            return Array(repeatElement(word, count: count).joined())
        default:
            let count = Int.random(in: 0...80, using: &random)
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
    }

    private func integer(_ random: inout SplitMix64) -> [UInt8] {
        let shift = Int.random(in: 0...62, using: &random)
        return Array("\(Int64.random(in: .min ... .max, using: &random) >> shift)".utf8)
    }

    private func texts(_ count: Int, _ random: inout SplitMix64) -> [[UInt8]] {
        (0..<count).map { _ in text(&random) }
    }

    /// Stores a value of each type, small or large, and returns it as it should be read.
    private func store(_ round: Int, _ random: inout SplitMix64) throws -> Value {
        let count = [1, 5, 40, 700][round / 5 % 4]
        let key = Array("key".utf8)
        _ = try call("DEL", "key")
        switch round % 5 {
        case 0:
            let value = text(&random)
            _ = try call([Array("SET".utf8), key, value])
            return Value(type: .string, elements: [.text(value)])
        case 1:
            let values = texts(count, &random)
            _ = try call([Array("RPUSH".utf8), key] + values)
            return Value(type: .list, elements: values.map { .text($0) })
        case 2:
            let isInteger = Bool.random(using: &random)
            let values = Set(
                (0..<count).map { _ in isInteger ? integer(&random) : text(&random) })
            _ = try call([Array("SADD".utf8), key] + values)
            return Value(type: .set, elements: values.map { .text($0) })
        case 3:
            let values = Set(texts(count, &random))
            let scored = values.map { ($0, score(&random)) }
            let words = scored.flatMap { [Array("\($0.1)".utf8), $0.0] }
            _ = try call([Array("ZADD".utf8), key] + words)
            return Value(
                type: .sortedSet, elements: scored.flatMap { [.text($0.0), .score($0.1)] })
        default:
            let fields = Set(texts(count, &random))
            let pairs = fields.flatMap { [$0, text(&random)] }
            _ = try call([Array("HSET".utf8), key] + pairs)
            return Value(type: .hash, elements: pairs.map { .text($0) })
        }
    }

    private func score(_ random: inout SplitMix64) -> Double {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: .infinity
        case 1: -.infinity
        case 2: Double(Int.random(in: -1000...1000, using: &random))
        default: Double.random(in: -1e18...1e18, using: &random)
        }
    }

    @Test func valuesOfEveryTypeTravelBothWays() throws {
        var random = SplitMix64(seed: 21)
        for round in 0..<200 {
            let value = try store(round, &random)
            guard case .bulk(let dumped) = try call("DUMP", "key") else {
                Issue.record("no dump")
                return
            }
            #expect(try read(dumped).ordered == value.ordered, "round \(round)")

            let ours = payload(value)
            #expect(try read(ours) == value)
            let (name, option) = (Array("RESTORE".utf8), Array("REPLACE".utf8))
            let reply = try call([name, Array("copy".utf8), [48], ours, option])
            #expect(reply == .simple(Array("OK".utf8)), "round \(round)")
            guard case .bulk(let again) = try call("DUMP", "copy") else { continue }
            #expect(try read(again).ordered == value.ordered, "round \(round)")
        }
    }

    /// redis-server 7.0 refuses what names version 11, whatever is in it.
    @Test func aVersionAboveTheServersIsRefused() throws {
        let value = Value(type: .string, elements: [Element("x")])
        let name = Array("RESTORE".utf8)
        let newer = try call([name, [65], [48], payload(value, version: 11)])
        guard case .error = newer else {
            Issue.record("taken: \(newer)")
            return
        }
        #expect(try call([name, [66], [48], payload(value, version: 10)]) == .simple([79, 75]))
    }
}
