import Base
import Testing

@testable import Engine

/// Hashes against a dictionary, under random operations.
struct HashModelTests {
    struct Mix: CustomTestStringConvertible {
        var fields: UInt64
        var steps: Int
        /// Where a hash gets a table (hash-max-listpack-entries).
        var entries: Int
        var seed: UInt64
        var testDescription: String { "\(fields) fields, pack of \(entries), seed \(seed)" }
    }

    @Test(arguments: [
        Mix(fields: 12, steps: 8_000, entries: 512, seed: 1),
        Mix(fields: 12, steps: 8_000, entries: 6, seed: 2),
        Mix(fields: 400, steps: 10_000, entries: 512, seed: 3),
        Mix(fields: 5_000, steps: 40_000, entries: 128, seed: 4),
        Mix(fields: 20, steps: 8_000, entries: 0, seed: 5),
    ])
    func behavesAsADictionary(mix: Mix) {
        var harness = Harness(seed: mix.seed)
        harness.engine.limits.hashPack.entries = mix.entries
        var model: [String: String] = [:]
        var random = SplitMix64(seed: mix.seed)
        for step in 0..<mix.steps {
            // Alternately most operations add and most remove, so that tables grow and shrink.
            let adds = (step / (mix.steps / 4)) % 2 == 0
            let field = Self.field(random.next() % mix.fields)
            applyStep(field, adds, &random, &harness, &model)
            if step % (mix.steps / 20) == 0 {
                harness.engine.keyspace.checkInvariants()
                check(&harness, model)
            }
        }
        check(&harness, model)
        _ = harness.run("DEL h")
        harness.engine.keyspace.reclaim(budget: .max)
        harness.engine.keyspace.checkInvariants()
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    /// Short names, numbers, and now and then one that no pack takes.
    private static func field(_ number: UInt64) -> String {
        switch number % 7 {
        case 0: "\(number)"
        case 1 where number % 5 == 1: "long-" + String(repeating: "f", count: 70) + "\(number)"
        case 2: "-\(number)00000"
        default: "field:\(number)"
        }
    }

    private static func value(_ random: inout SplitMix64) -> String {
        switch random.next() % 10 {
        case 0...3: "\(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64))"
        case 4...7: String(repeating: "v", count: Int(random.next() % 64))
        case 8: "-0"
        default: String(repeating: "w", count: Int(random.next() % 200))
        }
    }

    private func applyStep(
        _ field: String, _ adds: Bool, _ random: inout SplitMix64, _ harness: inout Harness,
        _ model: inout [String: String]
    ) {
        let operation = random.next() % 16
        switch adds ? operation : operation ^ 8 {
        case 0...3:
            let value = Self.value(&random)
            #expect(harness.run(["HSET", "h", field, value]) == (model[field] == nil ? ":1" : ":0"))
            model[field] = value
        case 4:
            let (value, other) = (Self.value(&random), Self.value(&random))
            #expect(harness.run(["HMSET", "h", field, value, field + "'", other]) == "+OK")
            model[field] = value
            model[field + "'"] = other
        case 5:
            let value = Self.value(&random)
            let isNew = model[field] == nil
            #expect(harness.run(["HSETNX", "h", field, value]) == (isNew ? ":1" : ":0"))
            if isNew { model[field] = value }
        case 6: increment(field, Int64(truncatingIfNeeded: random.next() % 2000), &harness, &model)
        case 7: read(field, &harness, model)
        case 8...13:
            let isThere = model.removeValue(forKey: field) != nil
            #expect(harness.run(["HDEL", "h", field]) == (isThere ? ":1" : ":0"))
        case 14:
            let names = [field, field + "'", field]
            let count = Set(names).count { model.removeValue(forKey: $0) != nil }
            #expect(harness.run(["HDEL", "h"] + names) == ":\(count)")
        default: read(field, &harness, model)
        }
    }

    private func increment(
        _ field: String, _ amount: Int64, _ harness: inout Harness, _ model: inout [String: String]
    ) {
        let reply = harness.run(["HINCRBY", "h", field, "\(amount)"])
        let text = model[field] ?? "0"
        guard let before = Int64(text), "\(before)" == text else {
            #expect(reply == "-ERR hash value is not an integer")
            return
        }
        let (sum, overflow) = before.addingReportingOverflow(amount)
        if overflow {
            #expect(reply == "-ERR increment or decrement would overflow")
            return
        }
        #expect(reply == ":\(sum)")
        model[field] = "\(sum)"
    }

    private func read(_ field: String, _ harness: inout Harness, _ model: [String: String]) {
        let expected = model[field].map { "$\($0.utf8.count) \($0)" } ?? "$-1"
        #expect(harness.run(["HGET", "h", field]) == expected)
        #expect(harness.run(["HEXISTS", "h", field]) == (model[field] == nil ? ":0" : ":1"))
        #expect(harness.run(["HSTRLEN", "h", field]) == ":\(model[field]?.utf8.count ?? 0)")
        #expect(harness.run("HLEN h") == ":\(model.count)")
    }

    private func check(_ harness: inout Harness, _ model: [String: String]) {
        #expect(harness.run("EXISTS h") == (model.isEmpty ? ":0" : ":1"))
        let fields = harness.strings("HKEYS h")
        #expect(fields.count == model.count)
        #expect(Set(fields) == Set(model.keys))
        #expect(harness.strings("HVALS h").sorted() == model.values.sorted())
        #expect(harness.pairs("HGETALL h") == model)
        for count in [7, 100_000] {
            var (cursor, seen, calls) = ("0", [String: String](), 0)
            repeat {
                var page = harness.strings("HSCAN h \(cursor) COUNT \(count)")
                cursor = page.removeFirst()
                seen.merge(Harness.paired(page)) { first, _ in first }
                calls += 1
            } while cursor != "0" && calls < 100_000
            #expect(seen == model)
        }
    }
}

extension Harness {
    /// The bulk strings of a reply, flat.
    mutating func strings(_ line: String) -> [String] {
        var strings: [String] = []
        let reply = raw(line)
        var lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if !line.hasPrefix("$") || line == "$-1" { continue }
            if let text = lines.popFirst() { strings.append(String(text)) }
        }
        return strings
    }

    /// The bulk strings of a reply, as pairs.
    mutating func pairs(_ line: String) -> [String: String] {
        Self.paired(strings(line))
    }

    static func paired(_ strings: [String]) -> [String: String] {
        var pairs: [String: String] = [:]
        for index in stride(from: 0, to: strings.count - 1, by: 2) {
            pairs[strings[index]] = strings[index + 1]
        }
        return pairs
    }
}
