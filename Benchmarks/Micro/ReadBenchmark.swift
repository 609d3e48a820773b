import Base
import Engine
import Placement

/// From bytes to routed requests: parsing with and without many arguments.
struct ReadBenchmark: ~Copyable {
    private var engine = Engine(
        core: CoreIndex(0), routing: RoutingTable(singleNodeWithCores: 1), seed: 1, hashSeed: 2)
    private var pipeline = Pipeline()
    private var partial: PartialRequest?

    mutating func run() {
        let value = String(repeating: "v", count: 32)
        let get = Self.request(["GET", "key:000000000042"])
        let set = Self.request(["SET", "key:000000000042", value])
        let pairs = (0..<50).flatMap { ["key:0000000000\($0 + 10)", "value"] }
        measure("read: GET, 16 in a pipeline", get, count: 16)
        measure("read: SET of 32 bytes, 16 in a pipeline", set, count: 16)
        measure("read: MSET of 100 arguments", Self.request(["MSET"] + pairs), count: 1)
    }

    private mutating func measure(_ name: String, _ request: [UInt8], count: Int) {
        let input = Array(repeatElement(request, count: count).joined())
        let rounds = 20_000 / count
        unsafe input.withUnsafeBytes { buffer in
            let bytes = unsafe Bytes(buffer)
            Measurement.report(name, calls: rounds * count) {
                for _ in 0..<rounds { read(bytes) }
            }
        }
    }

    private mutating func read(_ bytes: Bytes) {
        var offset = 0
        pipeline.removeAll()
        let limits = RequestLimits(bulkLengthMax: 512 << 20, isAuthenticated: true)
        let outcome = engine.read(
            bytes, &offset, limits, countMax: Pipeline.requestCountMax, into: &pipeline, &partial)
        guard case .more = outcome else { invariantFailed("every request is complete") }
    }

    private static func request(_ words: [String]) -> [UInt8] {
        var text = "*\(words.count)\r\n"
        for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
        return Array(text.utf8)
    }
}
