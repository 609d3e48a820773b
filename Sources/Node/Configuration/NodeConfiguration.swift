import Base
import Engine

/// What the operator set, as a core obeys it. Each core has its own copy; CONFIG SET changes all of
/// them.
public struct NodeConfiguration: Sendable {
    /// The default user's password; empty: none is asked for.
    public var password = ""
    /// How many clients the node serves at most.
    public var clientCountMax = 10_000
    /// The longest argument and string, in bytes (proto-max-bulk-len).
    public var bulkLengthMax = 512 << 20
    /// The longest HyperLogLog in the sparse form, in bytes (hll-sparse-max-bytes).
    public var hyperLogLogSparseSizeMax = 3_000
    /// The most that a client may have sent without it being run, in bytes
    /// (client-query-buffer-limit).
    public var queryBufferMax = 1 << 30
    /// How much a client may leave unread (client-output-buffer-limit normal).
    public var outputLimit = OutputLimit(hard: 1 << 30, soft: 256 << 20, softSeconds: 60)
    /// How much a client with subscriptions may leave unread (client-output-buffer-limit pubsub).
    public var subscriberOutputLimit = OutputLimit(
        hard: 32 << 20, soft: 8 << 20, softSeconds: 60)
    /// After so many seconds without a request a client is closed; 0: never (timeout).
    public var idleSecondsMax = 0
    /// The memory that keys may take (maxmemory); 0: no bound.
    public var memoryMax = 0
    /// From so many microseconds on a call goes to the slow log; negative: none does
    /// (slowlog-log-slower-than).
    public var slowLogMicroseconds = 10_000
    /// How many calls the slow log keeps (slowlog-max-len).
    public var slowLogLengthMax = 128
    /// From so many milliseconds on an event goes to the latency monitor; 0: none does
    /// (latency-monitor-threshold).
    public var latencyMilliseconds = 0
    /// Whether calls are counted by how long they took (latency-tracking).
    public var isTrackingLatency = true
    /// How long a core rests after each key that it reads back, in microseconds (key-load-delay).
    public var keyLoadDelayMicroseconds = 0
    /// Whether keys that are due are removed before somebody asks for them.
    public var isActiveExpiryOn = true
    /// Which keyspace events are told, and on which channels (notify-keyspace-events).
    var keyEvents: KeyEventClass = []
    /// Settings that only have to be read back, by name, where they are not what ConfigurationTable
    /// says.
    public var others: [String: String] = [:]

    /// The defaults.
    public init() {}

    /// The duration from which on the slow log or the latency monitor wants to know of a call, in
    /// nanoseconds; `UInt64.max` where neither does.
    var slowNanosecondsMin: UInt64 {
        var least = UInt64.max
        if slowLogMicroseconds >= 0 {
            least = Self.nanoseconds(slowLogMicroseconds, each: 1000)
        }
        if latencyMilliseconds > 0 {
            least = min(least, Self.nanoseconds(latencyMilliseconds, each: 1_000_000))
        }
        return least
    }

    private static func nanoseconds(_ count: Int, each unit: UInt64) -> UInt64 {
        let (product, isTooLong) = UInt64(count).multipliedReportingOverflow(by: unit)
        return isTooLong ? .max : product
    }
}

/// A rule of the setting save: a snapshot is due so long after the last, once so much has changed.
struct SaveRule: BitwiseCopyable {
    let seconds: Int64
    let changes: Int
}

/// How much a client may leave unread of what it is sent.
public struct OutputLimit: Sendable {
    /// Over so many bytes it is closed at once.
    public var hard: Int
    /// Over so many bytes it is closed after ``softSeconds``.
    public var soft: Int
    /// How long it may stay over ``soft``, in seconds.
    public var softSeconds: Int

    /// Bytes, bytes and seconds.
    public init(hard: Int, soft: Int, softSeconds: Int) {
        self.hard = hard
        self.soft = soft
        self.softSeconds = softSeconds
    }

    /// Below so many bytes nothing happens.
    var notice: Int { min(hard, soft) }
}

/// What a node says of itself.
public struct NodeIdentity: Sendable {
    /// 40 hexadecimal characters.
    public var id: String
    /// 40 hexadecimal characters, new at each start.
    public var runID: String
    /// The address that clients are told.
    public var host: String
    /// The port for any client.
    public var gatewayPort: Int
    /// The port for clients that know the cluster.
    public var nodePort: Int
    /// Of core 0, the others following; nil when there are none.
    public var corePort: Int?
    /// The process, as the kernel numbers it.
    public var processID: Int
    /// The program's path, as it was called.
    public var executable: String
    /// The settings file's path; empty without one.
    public var configurationFile: String
    /// Milliseconds since 1970.
    public var startedAt: Int64
    /// The kernel's name, release and machine.
    public var operatingSystem: String

    /// What the shell found out at start.
    public init(
        id: String, runID: String, host: String, gatewayPort: Int, nodePort: Int, corePort: Int?,
        processID: Int, executable: String, configurationFile: String, startedAt: Int64,
        operatingSystem: String
    ) {
        self.id = id
        self.runID = runID
        self.host = host
        self.gatewayPort = gatewayPort
        self.nodePort = nodePort
        self.corePort = corePort
        self.processID = processID
        self.executable = executable
        self.configurationFile = configurationFile
        self.startedAt = startedAt
        self.operatingSystem = operatingSystem
    }
}

extension Core {
    /// Hands the settings to those who obey them.
    mutating func applyConfiguration() {
        engine.limits.stringLengthMax = configuration.bulkLengthMax
        engine.limits.hyperLogLogSparseSizeMax = configuration.hyperLogLogSparseSizeMax
        engine.keyspace.isActiveExpiryOn = configuration.isActiveExpiryOn
        applyEvictionPolicy()
        engine.limits.hashPack = packLimits("hash-max-listpack-entries", "hash-max-listpack-value")
        engine.limits.setPack = packLimits("set-max-listpack-entries", "set-max-listpack-value")
        engine.limits.sortedSetPack = packLimits(
            "zset-max-listpack-entries", "zset-max-listpack-value")
        engine.limits.integerSetEntriesMax = number("set-max-intset-entries")
        engine.limits.listChunkSize = number("list-max-listpack-size")
        engine.limits.payloadVersion = UInt16(clamping: number("dump-payload-version"))
        engine.keyspace.events.select(configuration.keyEvents)
        duties.set(.tellsEvents, engine.keyspace.events.isOn)
        outputNoticeLimit = min(
            configuration.outputLimit.notice, configuration.subscriberOutputLimit.notice)
        engine.insight.tracksLatency = configuration.isTrackingLatency
        engine.insight.setSlowLimit(configuration.slowNanosecondsMin)
        let trackedKeys = number("tracking-table-max-keys")
        engine.keyspace.watches.trackedKeyCountMax =
            trackedKeys == 0 ? .max : (trackedKeys + coreCount - 1) / coreCount
        watchIdleClients()
        applySyncPolicy()
        applySnapshotSettings()
    }

    private mutating func applyEvictionPolicy() {
        applyMemoryLimit()
        let policy = EvictionPolicy(rawValue: configuration.stored("maxmemory-policy"))
        engine.keyspace.eviction.select(policy ?? .none)
        engine.keyspace.eviction.setLogFactor(number("lfu-log-factor"))
    }

    /// Each core gets as large a part of maxmemory as the others, less its part of what the process
    /// takes besides keys: buffers, code, holes of the C library's heap. That is measured, as far
    /// as the shell tells the process's size.
    mutating func applyMemoryLimit() {
        if configuration.memoryMax == 0 {
            engine.keyspace.setMemoryLimit(.max)
            return
        }
        let part = configuration.memoryMax / coreCount
        let counted = max(processBytesBesides - part / Self.besidesPassedShare, 0)
        // A small limit is one of the keys rather than of the process.
        let most = max(part / 4, min(part / 2, part - Self.keyBytesMin))
        engine.keyspace.setMemoryLimit(part - min(counted, most))
    }

    /// One part in so many of maxmemory is what the process may take besides keys before it
    /// counts. With the keyspace's own slack (a twentieth) the process stays within a tenth of its
    /// limit.
    private static var besidesPassedShare: Int { 32 }
    /// So much of a core's part of maxmemory is the keys', or three quarters of a smaller one,
    /// unless that is less than half.
    private static var keyBytesMin: Int { 48 << 20 }

    private func packLimits(_ entries: StaticString, _ valueLength: StaticString) -> PackLimits {
        PackLimits(entries: number(entries), valueLength: number(valueLength))
    }

    /// A setting that is a number, and was checked to be one.
    private func number(_ name: StaticString) -> Int {
        Int(configuration.stored(name)) ?? 0
    }
}
