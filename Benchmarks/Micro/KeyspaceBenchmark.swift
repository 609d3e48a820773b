import Base
import Engine
import Placement

/// The keyspace's operations on keys of 16 bytes with values of 32, in an order that caches do not
/// foresee.
struct KeyspaceBenchmark: ~Copyable {
    private static let keyCount = 200_000
    private static let keySize = 16

    private var keyspace = Keyspace(seed: 2)
    private let hasher = SlotHasher()
    private var keys = OutputBuffer()
    private var value = OutputBuffer()
    private var order: [Int]

    init() {
        var random = SplitMix64(seed: 3)
        order = (0..<Self.keyCount).shuffled(using: &random)
        for number in 0..<Self.keyCount {
            let digits = "\(number)"
            let zeros = String(repeating: "0", count: 12 - digits.count)
            for byte in ("key:" + zeros + digits).utf8 { keys.append(byte) }
        }
        for _ in 0..<32 { value.append(UInt8(ascii: "v")) }
        keyspace.now = 1_000
    }

    mutating func run() {
        let count = Self.keyCount
        Measurement.report("keyspace: insert and delete", calls: count) {
            forEachKey { $0.insert($1, .clear) }
            forEachKey { $0.remove($1) }
        }
        Measurement.report("keyspace: insert with deadline, expire", calls: count) {
            keyspace.now = 1_000
            forEachKey { $0.insert($1, .set(2_000)) }
            keyspace.now = 2_000
            invariant(keyspace.expireDue(budget: .max), "all are due")
            invariant(keyspace.count == 0, "all are gone")
        }
        forEachKey { $0.insert($1, .clear) }
        Measurement.report("keyspace: get", calls: count) {
            forEachKey { benchmark, key in
                invariant(benchmark.keyspace.read(key) != nil, "the key is there")
            }
        }
        Measurement.report("keyspace: set, in place", calls: count) {
            forEachKey { $0.replace($1) }
        }
        Measurement.report("keyspace: scan, a key", calls: count) { scan() }
    }

    private mutating func forEachKey(
        _ body: (inout KeyspaceBenchmark, KeyReference) -> Void
    ) {
        for number in order {
            let start = number * Self.keySize
            let key = keys.bytes.slice(start, start + Self.keySize)
            let slot = unsafe hasher.slot(of: key.buffer).rawValue
            body(
                &self, KeyReference(bytes: key, hash: keyspace.hash(of: key), slot: slot))
        }
    }

    private mutating func insert(_ key: KeyReference, _ deadline: DeadlineChange) {
        keyspace.insert(key, .bytes(value.bytes), deadline)
    }

    private mutating func replace(_ key: KeyReference) {
        let position = keyspace.lookUp(key)
        keyspace.store(key, position, .bytes(value.bytes), .clear)
    }

    private mutating func remove(_ key: KeyReference) {
        guard let position = keyspace.lookUp(key) else { invariantFailed("the key is there") }
        keyspace.remove(key, position)
    }

    private func scan() {
        var seen = 0
        var cursor = ScanCursor(rawValue: 0)
        repeat {
            cursor = keyspace.scan(
                from: cursor, through: UInt16(SlotIndex.count - 1), count: 100
            ) { _ in seen += 1 }
        } while !cursor.isStart
        invariant(seen >= Self.keyCount, "every key is visited")
    }
}
