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
    /// The most that a client may have sent without it being run, in bytes
    /// (client-query-buffer-limit).
    public var queryBufferMax = 1 << 30
    /// Over so many bytes of unread replies a client is closed at once (client-output-buffer-limit
    /// normal).
    public var outputHardLimit = 1 << 30
    /// Over so many bytes of unread replies a client is closed after ``outputSoftSeconds``.
    public var outputSoftLimit = 256 << 20
    /// How long a client may stay over ``outputSoftLimit``, in seconds.
    public var outputSoftSeconds = 60
    /// After so many seconds without a request a client is closed; 0: never (timeout).
    public var idleSecondsMax = 0
    /// The memory that keys may take (maxmemory); 0: no bound. Read back, not enforced yet.
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
    /// Whether keys that are due are removed before somebody asks for them.
    public var isActiveExpiryOn = true
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
        engine.keyspace.isActiveExpiryOn = configuration.isActiveExpiryOn
        engine.insight.tracksLatency = configuration.isTrackingLatency
        engine.insight.setSlowLimit(configuration.slowNanosecondsMin)
        watchIdleClients()
    }
}
