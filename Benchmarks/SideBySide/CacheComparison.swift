import Base
import Glibc

/// Gyre and redis-server as caches with a limit of memory: how often a skewed trace finds its keys,
/// and how much memory the processes have while values of many sizes come and go. Both servers get
/// the same requests, in turns.
struct CacheComparison {
    /// A limit, and what is asked for under it.
    private struct Setting {
        let name: String
        let limit: String
        let keyCount: Int
        let valueBytes: Int
    }

    private static let settings = [
        Setting(name: "12 MB", limit: "12mb", keyCount: 100_000, valueBytes: 100),
        Setting(name: "80 MB", limit: "80mb", keyCount: 400_000, valueBytes: 250),
    ]
    private static let exponent = 0.9
    /// Requests in a pipeline; what they miss is set by the next.
    private static let batch = 16
    /// Batches that one server gets before the other.
    private static let turn = 1_000

    private let options: SideBySideOptions

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        report("Hits of a trace (Zipf \(Self.exponent)) that sets what it misses")
        report(row(["limit", "keys", "value", "policy", "gyre", "redis"]))
        for setting in Self.settings where isWanted(setting.name) {
            for policy in ["allkeys-lru", "allkeys-lfu"] { try compareHits(setting, policy) }
        }
        report("")
        report("Resident memory under churn, the most of it over the limit of \(Self.churnLimit)")
        report(row(["value sizes", "gyre", "redis"]))
        for sizes in ValueSizes.all where isWanted(sizes.name) {
            let gyre = try residentShare("gyre", options.gyre, sizes)
            let redis = try residentShare("redis", redisCommand, sizes)
            report(row([sizes.name, decimal(gyre, 3), decimal(redis, 3)]))
        }
    }

    private func isWanted(_ name: String) -> Bool {
        options.only.isEmpty || options.only.contains(name)
    }

    // MARK: Hits

    /// A server, its client, and what the trace found.
    private final class Cache {
        let server: ServerProcess
        let client: PipelineClient
        var trace: CacheTrace
        var hits = 0

        init(_ name: String, _ command: [String], _ setting: Setting, _ policy: String) throws {
            server = try ServerProcess(name, command, cpus: [0])
            client = try PipelineClient(port: server.port)
            try client.configure("maxmemory", setting.limit)
            try client.configure("maxmemory-policy", policy)
            trace = CacheTrace(
                keyCount: setting.keyCount, exponent: CacheComparison.exponent, seed: 1)
        }
    }

    private func compareHits(_ setting: Setting, _ policy: String) throws {
        let caches = [
            try Cache("gyre", options.gyre, setting, policy),
            try Cache("redis", redisCommand, setting, policy),
        ]
        // Five requests a key fill the cache, and as many again count.
        let turns = 5 * setting.keyCount / (Self.batch * Self.turn)
        for turn in 0..<(2 * turns) {
            for cache in caches {
                if turn == turns { cache.hits = 0 }
                for _ in 0..<Self.turn { try askFor(cache, setting) }
            }
        }
        let rates = caches.map { Double($0.hits) / Double(turns * Self.turn * Self.batch) }
        report(
            row(
                [setting.name, "\(setting.keyCount)", "\(setting.valueBytes)", policy]
                    + rates.map { decimal($0, 3) }))
    }

    /// A batch of GET, and a SET of what was not there.
    private func askFor(_ cache: Cache, _ setting: Setting) throws {
        var keys: [Int] = []
        var requests: [UInt8] = []
        for _ in 0..<Self.batch {
            let key = cache.trace.next()
            keys.append(key)
            requests += Array("*2\r\n$3\r\nGET\r\n\(Self.argument(key))".utf8)
        }
        var missed: [Int] = []
        try cache.client.readValues(requests, count: Self.batch) { place, isThere in
            if isThere { cache.hits += 1 } else { missed.append(keys[place]) }
        }
        if missed.isEmpty { return }
        let value = [UInt8](repeating: UInt8(ascii: "v"), count: setting.valueBytes)
        var setting: [UInt8] = []
        for key in missed {
            setting += Array("*3\r\n$3\r\nSET\r\n\(Self.argument(key))$\(value.count)\r\n".utf8)
            setting += value + Array("\r\n".utf8)
        }
        try cache.client.exchange(setting, replyCount: missed.count)
    }

    /// A key of 16 bytes as an argument.
    private static func argument(_ key: Int) -> String {
        let digits = "\(key)"
        return "$16\r\nkey:" + String(repeating: "0", count: 12 - digits.count) + digits + "\r\n"
    }

    // MARK: Churn

    private static let churnLimit = "150mb"
    private static let churnLimitBytes = 150 << 20
    /// How often as much as the limit is written.
    private static let churnRounds = 9

    /// The most memory that a server has once it is full, as a share of its limit.
    private func residentShare(
        _ name: String, _ command: [String], _ sizes: ValueSizes
    ) throws -> Double {
        let server = try ServerProcess(name, command, cpus: [0])
        let client = try PipelineClient(port: server.port)
        try client.configure("maxmemory", Self.churnLimit)
        try client.configure("maxmemory-policy", "allkeys-lru")
        var random = SplitMix64(seed: 1)
        var residentMax = 0
        var key = 0
        for round in 0..<Self.churnRounds {
            let kind = sizes.phases[round % sizes.phases.count]
            var written = 0
            while written < Self.churnLimitBytes {
                written += try churn(client, kind, &key, &random)
                if round > 0 { residentMax = max(residentMax, try server.residentBytes()) }
            }
        }
        return Double(residentMax) / Double(Self.churnLimitBytes)
    }

    /// Sets new keys, a MiB or so of them; returns the bytes of their values.
    private func churn(
        _ client: PipelineClient, _ kind: ValueSizes.Kind, _ key: inout Int,
        _ random: inout SplitMix64
    ) throws -> Int {
        var requests: [UInt8] = []
        var (count, written) = (0, 0)
        while written < 1 << 20, count < 4_096 {
            let size = kind.draw(&random)
            requests += Array("*3\r\n$3\r\nSET\r\n\(Self.argument(key))$\(size)\r\n".utf8)
            requests += [UInt8](repeating: UInt8(ascii: "v"), count: size)
            requests += Array("\r\n".utf8)
            key += 1
            count += 1
            written += size
        }
        try client.exchange(requests, replyCount: count)
        return written
    }
}

extension PipelineClient {
    /// Sets a parameter of the server's.
    func configure(_ parameter: String, _ value: String) throws {
        try exchange(Array("CONFIG SET \(parameter) \(value)\r\n".utf8), replyCount: 1)
    }
}
