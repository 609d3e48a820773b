import TestSupport

/// A command whose replies may differ from the reference's, with the reason why.
struct ComparisonException: Sendable {
    /// `NAME` or `NAME SUBCOMMAND`, in upper case.
    let command: String
    let comparison: Comparison
    let reason: String

    init(_ command: String, _ comparison: Comparison, _ reason: String) {
        self.command = command
        self.comparison = comparison
        self.reason = reason
    }
}

/// The only place where a reply is allowed to differ from Redis's. Everything else is exact.
enum ComparisonTable {
    static let exceptions: [ComparisonException] = [
        .init("TTL", .tolerance(1), "the two servers got the expiry at different moments"),
        .init("PTTL", .tolerance(1_000), "the two servers got the expiry at different moments"),
        .init("EXPIRETIME", .tolerance(1), "relative expiries count from each server's now"),
        .init("PEXPIRETIME", .tolerance(1_000), "relative expiries count from each server's now"),
        .init("TIME", .type, "the clock goes on"),

        .init("KEYS", .unordered, "the order is that of the hash table"),
        .init("RANDOMKEY", .type, "random; membership is checked on its own"),
        .init("SCAN", .type, "cursors are opaque; whole iterations are compared as sets"),

        .init("HGETALL", .unorderedFields, "the order is that of the hash table"),
        .init("HKEYS", .unordered, "the order is that of the hash table"),
        .init("HVALS", .unordered, "the order is that of the hash table"),
        .init("HRANDFIELD", .shape, "random; membership is checked on its own"),
        .init("HSCAN", .type, "cursors are opaque; whole iterations are compared as sets"),

        .init("SMEMBERS", .unordered, "the order is that of the hash table"),
        .init("SINTER", .unordered, "the order is that of the hash table"),
        .init("SUNION", .unordered, "the order is that of the hash table"),
        .init("SDIFF", .unordered, "the order is that of the hash table"),
        .init("SPOP", .unordered, "the order is that of the hash table"),
        .init("SRANDMEMBER", .shape, "random; membership is checked on its own"),
        .init("SSCAN", .type, "cursors are opaque; whole iterations are compared as sets"),

        .init("ZRANDMEMBER", .shape, "random; membership is checked on its own"),
        .init("ZSCAN", .type, "cursors are opaque; whole iterations are compared as sets"),
        .init("OBJECT IDLETIME", .type, "Redis's shared integers have one clock, and it goes on"),
        .init("OBJECT REFCOUNT", .type, "only Redis shares objects for small integers"),
        .init("OBJECT HELP", .type, "help is worded by each server"),
        .init("MEMORY USAGE", .type, "bytes of the allocator"),
        .init("MEMORY STATS", .fields(exceptValuesOf: memoryFields), "each server's own memory"),
        .init("MEMORY DOCTOR", .type, "advice is worded by each server"),
        .init("MEMORY MALLOC-STATS", .type, "each server's own allocator"),
        .init("MEMORY HELP", .type, "help is worded by each server"),
        .init("DEBUG HELP", .type, "help is worded by each server"),
        .init("CLIENT HELP", .type, "help is worded by each server"),
        .init("CONFIG HELP", .type, "help is worded by each server"),
        .init("COMMAND HELP", .type, "help is worded by each server"),
        .init("PUBSUB HELP", .type, "help is worded by each server"),
        .init("MODULE HELP", .type, "help is worded by each server"),
        .init("CLUSTER HELP", .type, "help is worded by each server"),

        .init(
            "HELLO", .fields(exceptValuesOf: ["version", "id", "server"]),
            "the server's own name, version and connection ids"),
        .init("CLIENT ID", .type, "connection ids are each server's own"),
        .init("CLIENT INFO", .words(valuesOf: clientWords), "ids, ports, times, buffer sizes"),
        .init("CLIENT LIST", .type, "ids, ports, times, buffer sizes, order"),

        .init("CONFIG GET", .unorderedFields, "the order is that of the hash table"),
        .init("INFO", .type, "its lines are checked on their own"),
        .init("SLOWLOG GET", .slowLog, "durations, ports and times are each server's own"),
        .init("SLOWLOG HELP", .type, "help is worded by each server"),
        .init("LATENCY HELP", .type, "help is worded by each server"),
        .init("LATENCY DOCTOR", .type, "advice is worded by each server"),
        .init("LATENCY GRAPH", .type, "the samples differ"),
        .init("LATENCY LATEST", .events, "the times that commands took"),
        .init("LATENCY HISTORY", .samples, "the times that commands took"),
        .init("LATENCY HISTOGRAM", .histograms, "the times that commands took"),
        .init("CLUSTER GETKEYSINSLOT", .unordered, "the order is that of the hash table"),
        .init("COMMAND COUNT", .type, "Redis has commands that Gyre has not yet"),
        .init("COMMAND", .type, "Redis has commands that Gyre has not yet"),
        .init("COMMAND LIST", .type, "Redis has commands that Gyre has not yet"),
        .init("COMMAND INFO",
        .commandRows, "flags are a set; later fields are checked by COMMAND DOCS"),
        .init("COMMAND DOCS", .type, "summaries are worded by each server"),
    ]

    /// The fields of MEMORY STATS whose values differ.
    static let memoryFields = Set(
        """
        peak.allocated total.allocated startup.allocated clients.normal functions.caches db.0 \
        overhead.total keys.bytes-per-key dataset.bytes dataset.percentage peak.percentage \
        allocator.allocated allocator.active allocator.resident allocator-fragmentation.ratio \
        allocator-fragmentation.bytes allocator-rss.ratio allocator-rss.bytes \
        rss-overhead.ratio rss-overhead.bytes fragmentation fragmentation.bytes
        """.split(separator: " ").map(String.init))

    /// The words of CLIENT INFO that depend on what the client did and on nothing else.
    static let clientWords: Set<String> = ["name", "db", "sub", "psub", "multi", "user", "redir",
    "resp"]

    private static let byCommand = Dictionary(
        uniqueKeysWithValues: exceptions.map { ($0.command, $0.comparison) })

    static func comparison(for call: Call) -> Comparison {
        if let subcommand = call.subcommand,
            let comparison = byCommand["\(call.name) \(subcommand)"]
        {
            return comparison
        }
        return byCommand[call.name] ?? .exact
    }
}

/// Chooses the comparison of each reply of one connection; inside MULTI it remembers those of the
/// queued commands for EXEC.
struct ComparisonContext {
    private var queued: [Comparison]?

    /// To be called once per call, in order, with the reference's reply.
    mutating func comparison(for call: Call, reference: Reply?) -> Comparison {
        let own = ComparisonTable.comparison(for: call)
        guard let reference, !reference.isError else {
            if call.name == "EXEC" { queued = nil }
            return own
        }
        switch call.name {
        case "MULTI":
            queued = []
        case "DISCARD", "RESET":
            queued = nil
        case "EXEC":
            defer { queued = nil }
            return .each(queued ?? [])
        default:
            if queued != nil, reference == .simple(Array("QUEUED".utf8)) {
                queued?.append(own)
                return .exact
            }
        }
        return own
    }
}
