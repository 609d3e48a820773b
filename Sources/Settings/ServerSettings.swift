/// What one server runs with: every setting resolved, checked, and in the type that its user needs.
public struct ServerSettings: Sendable, Equatable {
    /// Addresses that every listener binds, in the operator's order; never empty.
    public var addresses: [BindAddress]

    /// The gateway port, 1…65,535.
    public var port: UInt16

    /// The node port, 1…65,535; differs from ``port``.
    public var nodePort: UInt16

    /// The port of core 0; core `i` listens on this plus `i`, all within 65,535 and apart from the
    /// other ports. Nil when the core ports are off.
    public var corePortFirst: UInt16?

    /// How many cores run, 1…``coreCountMax``.
    public var coreCount: Int

    /// The CPUs that cores are pinned to, core `i` to the CPU at `i` modulo their count; all of
    /// them in the inherited affinity mask, each once, never empty.
    public var cpus: [Int]

    /// What clients must give to AUTH, 1…512 bytes; nil when everyone who connects is let in.
    public var password: String?

    /// Whether listening beyond this machine without a password was to be refused; when true,
    /// either ``password`` is set or every address is loopback.
    public var isProtected: Bool

    /// How many clients may be connected at once, 1…``clientCountLimit``.
    public var clientCountMax: Int

    /// How much the log says.
    public var logLevel: LogLevel

    /// Where the data is kept; nil where none is.
    public var dataDirectory: String?

    /// When the log is synced: `always`, `everysec` or `no`.
    public var syncPolicy = "everysec"

    /// Strings of more than so many bytes are compressed in memory, 0…``compressedOverLimit``; 0:
    /// none are.
    public var compressedOver = 0

    /// The absolute path of the configuration file; nil without one.
    public var configurationPath: String?

    /// Values of the parameters that CONFIG SET changes, from the configuration file.
    public var parameters: [FileSetting] = []

    /// The most cores of one node: a core needs at least four tokens and a mailbox to each other
    /// core, and 256 cores are 65,280 mailboxes and 1,024 of the 16,384 slots' positions.
    public static let coreCountMax = 256

    /// The most that `maxclients` may ask for: just below the kernel's default for the most
    /// descriptors of a process (fs.nr_open, 1,048,576), which leaves room for listeners and files.
    public static let clientCountLimit = 1_000_000

    /// The most that `compress-values-over` may ask for: a gibibyte, which no string has.
    public static let compressedOverLimit = 1 << 30

    /// The port of a core, or nil when the core ports are off.
    ///
    /// - Parameter core: 0 up to but not including ``coreCount``.
    public func findPort(ofCore core: Int) -> UInt16? {
        corePortFirst.map { $0 + UInt16(core) }
    }

    /// Whether programs on other machines could connect.
    public var isReachableFromOutside: Bool {
        !addresses.allSatisfy(\.isLoopback)
    }

    /// What an operator should know although it is allowed, one sentence each.
    public var warnings: [String] {
        var warnings: [String] = []
        if coreCount > cpus.count {
            warnings.append(
                "\(coreCount) cores share \(cpus.count) CPUs (\(CPUList.format(cpus))): "
                    + "more cores than CPUs cost time and gain none; give --cores \(cpus.count).")
        }
        if password == nil, isReachableFromOutside {
            warnings.append(
                "Whoever reaches \(addresses.map(\.text).joined(separator: ", ")) can read and "
                    + "write everything: set requirepass unless a firewall keeps others out.")
        }
        return warnings
    }
}
