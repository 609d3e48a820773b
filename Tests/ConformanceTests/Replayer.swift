import Base
import TestSupport

/// Changes a call on its way to the server under test, to plant a fault; `nil` leaves it as it is.
typealias Plant = @Sendable (Call) -> Call?

/// Plays scripts against both servers and finds where they disagree.
struct Replayer {
    let pair: ServerPair
    var plant: Plant?

    /// Plays the script from an empty keyspace on fresh connections, then compares what it left
    /// behind.
    func firstDifference(_ script: Script) throws -> Difference? {
        let control = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        if let difference = control.difference(for: Call("FLUSHALL")) { return difference }
        let duplexes = try (0..<script.connectionCount).map { _ in
            Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: plant)
        }
        if script.protocolVersion == 3 {
            for duplex in duplexes {
                if let difference = duplex.difference(for: Call("HELLO", "3")) { return difference }
            }
        }
        if let seed = script.pipelineSeed {
            if let difference = duplexes[0].pipelineDifference(script.steps, seed: seed) {
                return difference
            }
        } else {
            for step in script.steps {
                let duplex = duplexes[step.connection]
                if let difference = duplex.difference(for: step) { return difference }
            }
        }
        return control.keyspaceDifference()
    }
}

/// One connection to each server, in step.
final class Duplex {
    private let reference: RespConnection
    private let subject: RespConnection
    private let plant: Plant?
    private var context = ComparisonContext()
    private var isClosed = false

    init(_ reference: RespConnection, _ subject: RespConnection, plant: Plant?) {
        self.reference = reference
        self.subject = subject
        self.plant = plant
    }

    func difference(for step: Step) -> Difference? {
        guard !isClosed else { return nil }
        switch step {
        case .calls(_, let calls, let pauseMilliseconds):
            for call in calls {
                if let difference = difference(for: call) { return difference }
            }
            if pauseMilliseconds > 0 { pause(milliseconds: pauseMilliseconds) }
            return nil
        case .scan(_, let scanned, let options):
            return scanDifference(scanned, options)
        }
    }

    func difference(for call: Call) -> Difference? {
        guard !isClosed else { return nil }
        let expected = Outcome { try reference.call(call) }
        let actual = Outcome { try subject.call(plant?(call) ?? call) }
        return compare(expected, actual, call)
    }

    private func compare(_ expected: Outcome, _ actual: Outcome, _ call: Call) -> Difference? {
        let comparison = context.comparison(for: call, reference: expected.received?.reply)
        switch (expected, actual) {
        case (.reply(let expected), .reply(let actual)):
            if comparison.accepts(actual, asGoodAs: expected) { return nil }
        case (.closed, .closed):
            isClosed = true
            return nil
        default:
            break
        }
        return Difference(
            step: "\(call)", reference: "\(expected)", subject: "\(actual)")
    }

    /// A complete iteration on each side; the sets of what was returned must be equal.
    private func scanDifference(_ scanned: [[UInt8]], _ options: [[UInt8]]) -> Difference? {
        let expected = Self.scan(scanned, options, on: reference)
        let actual = Self.scan(scanned, options, on: subject)
        guard expected != actual else { return nil }
        return Difference(
            step: "a whole iteration of \(Call(scanned)) \(Call(options))",
            reference: expected.description, subject: actual.description)
    }

    /// The keys or members of a complete iteration, or the reply that ended it.
    private static func scan(
        _ scanned: [[UInt8]], _ options: [[UInt8]], on connection: RespConnection
    ) -> [String] {
        let isPaired = scanned[0] == word("HSCAN") || scanned[0] == word("ZSCAN")
        var cursor = Array("0".utf8)
        var keys: Set<String> = []
        for _ in 0..<10_000 {
            let call = Call(scanned + [cursor] + options)
            let outcome = Outcome { try connection.call(call) }
            guard let parts = outcome.received?.reply.elements, parts.count == 2,
                let next = parts[0].bytes, let page = parts[1].elements
            else { return [outcome.description] }
            if isPaired, let pairs = parts[1].pairs {
                keys.formUnion(pairs.map { "\($0.key): \($0.value)" })
            } else {
                keys.formUnion(page.map(\.description))
            }
            if next == Array("0".utf8) { return keys.sorted() }
            cursor = next
        }
        return ["the iteration did not end"]
    }
}

// MARK: - Pipelines

extension Duplex {
    /// Sends all calls as one stream of bytes, cut at random places, and compares all replies.
    func pipelineDifference(_ steps: [Step], seed: UInt64) -> Difference? {
        let calls = steps.flatMap { step -> [Call] in
            if case .calls(_, let calls, _) = step { calls } else { [] }
        }
        let expected = Self.replies(reference, calls, seed: seed)
        let actual = Self.replies(subject, calls.map { plant?($0) ?? $0 }, seed: seed)
        for (index, call) in calls.enumerated() {
            if let difference = compare(expected[index], actual[index], call) { return difference }
            if isClosed { return nil }
        }
        return nil
    }

    private static func replies(
        _ connection: RespConnection, _ calls: [Call], seed: UInt64
    ) -> [Outcome] {
        var dice = Dice(seed: seed)
        var bytes = calls.flatMap(\.encoded)[...]
        do {
            while !bytes.isEmpty {
                let chunk = bytes.prefix(dice.pick([1, 2, 7, 30, 200, 5_000]))
                try connection.send(Array(chunk))
                bytes = bytes.dropFirst(chunk.count)
            }
        } catch {
            // The replies below tell what the server did.
        }
        return calls.map { _ in Outcome { try connection.receive() } }
    }
}

// MARK: - What a script left behind

extension Duplex {
    /// Compares every key's value, expiry and encoding. Only live keys count: the reference names
    /// them.
    func keyspaceDifference() -> Difference? {
        let everything = Call("KEYS", "*")
        if let difference = difference(for: everything) { return difference }
        let listed = Outcome { try reference.call(everything) }.received?.reply.elements ?? []
        for key in listed.compactMap(\.bytes) {
            let type = Outcome { try reference.call(Call([word("TYPE"), key])) }
            for command in ["TYPE", "PEXPIRETIME", "OBJECT ENCODING", Self.reading(type)] {
                var words = command.split(separator: " ").map { word(String($0)) }
                words.insert(key, at: command.hasPrefix("OBJECT") ? 2 : 1)
                if let difference = difference(for: Call(words)) { return difference }
            }
            let elements = Call([Array("LRANGE".utf8), key, Array("0".utf8), Array("-1".utf8)])
            if let difference = difference(for: elements) { return difference }
        }
        return nil
    }

    /// The command that returns a whole value, by the reply of TYPE; the key goes behind its name.
    private static func reading(_ type: Outcome) -> String {
        switch type.received?.reply.text {
        case "hash": "HGETALL"
        case "list": "LRANGE 0 -1"
        case "set": "SMEMBERS"
        case "zset": "ZRANGE 0 -1 WITHSCORES"
        default: "GET"
        }
    }
}
