/// One setting of the server: everything that is known about it, in one row.
///
/// The flags of `gyre server`, the environment, the configuration file, the help text and
/// `docs/settings.md` are all read from ``all``; nothing about a setting is written twice.
public struct Setting: Sendable {
    /// The flag without its dashes, and the key in the configuration file: `core-ports`.
    public let name: String

    /// What its value is and which values are allowed.
    public let type: SettingType

    /// The value when nobody gives one, as the operator would write it; empty when there is none.
    public let defaultValue: String

    /// One sentence for the operator, without a full stop.
    public let help: String

    /// False for the setting that names the file itself.
    public let isFileKey: Bool

    /// Stores a parsed value in the draft; false when the text is no value of this setting.
    let store: @Sendable (_ text: String, _ draft: inout SettingsDraft) -> Bool

    /// The environment variable that carries this setting: `GYRE_CORE_PORTS`.
    public var environmentName: String {
        Setting.environmentPrefix + name.uppercased().replacing("-", with: "_")
    }

    /// What every environment variable of Gyre begins with.
    public static let environmentPrefix = "GYRE_"

    /// The setting called `name`, or nil.
    public static func find(_ name: String) -> Setting? {
        all.first { $0.name == name }
    }
}

extension Setting {
    /// Every setting, in the order in which help and reference show them.
    public static let all: [Setting] = [
        host, port, nodePort, corePorts, cores, cpus, requirepass, protectedMode, maxclients,
        loglevel, persistence, dataDir, appendfsync, compressValuesOver, config,
    ]

    /// Addresses to listen on.
    public static let host = Setting(
        "host", .addresses, default: "127.0.0.1,-::1",
        help: "Addresses to listen on; one with '-' before it is skipped where the machine lacks it"
    ) { text, draft in draft.set(\.addresses, to: BindAddress.parseList(text)) }

    /// The gateway port: any Redis client, every key.
    public static let port = Setting(
        "port", .port, default: "6379", help: "Gateway port: any Redis client, every key"
    ) { text, draft in draft.set(\.port, to: SettingType.parsePort(text)) }

    /// The node port: cluster-aware clients.
    public static let nodePort = Setting(
        "node-port", .port, default: "7379", help: "Node port, for cluster-aware clients"
    ) { text, draft in draft.set(\.nodePort, to: SettingType.parsePort(text)) }

    /// The first of the core ports: one for each core, counted up from here.
    public static let corePorts = Setting(
        "core-ports", .portOrOff, default: "off",
        help: "First of the core ports: core 0 listens here, core 1 on the next, and so on"
    ) { text, draft in draft.set(\.corePortFirst, to: SettingType.parsePortOrOff(text)) }

    /// How many cores (event loops) the node runs.
    public static let cores = Setting(
        "cores", .count(1...ServerSettings.coreCountMax), default: "one for each CPU",
        help: "How many cores (event loops, each with its share of the keys) to run"
    ) { text, draft in
        draft.set(
            \.coreCount, to: SettingType.parseCount(text, in: 1...ServerSettings.coreCountMax))
    }

    /// The CPUs that the cores are pinned to.
    public static let cpus = Setting(
        "cpus", .cpuList, default: "the inherited affinity mask",
        help: "CPUs to pin the cores to, as in 0,2-5"
    ) { text, draft in draft.set(\.cpus, to: CPUList.parse(text)) }

    /// The password that clients must give.
    public static let requirepass = Setting(
        "requirepass", .password, default: "",
        help: "Password that clients must give; a flag is visible to other users of the machine"
    ) { text, draft in draft.set(\.password, to: SettingType.parsePassword(text)) }

    /// Whether to refuse to listen beyond this machine without a password.
    public static let protectedMode = Setting(
        "protected-mode", .yesNo, default: "yes",
        help: "Refuse to start when other machines could connect without a password"
    ) { text, draft in draft.set(\.isProtected, to: SettingType.parseYesNo(text)) }

    /// How many clients may be connected at once.
    public static let maxclients = Setting(
        "maxclients", .count(1...ServerSettings.clientCountLimit), default: "10000",
        help: "How many clients may be connected at once"
    ) { text, draft in
        draft.set(
            \.clientCountMax,
            to: SettingType.parseCount(text, in: 1...ServerSettings.clientCountLimit))
    }

    /// How much the log says.
    public static let loglevel = Setting(
        "loglevel", .logLevel, default: "notice", help: "How much the log on standard error says"
    ) { text, draft in draft.set(\.logLevel, to: LogLevel(rawValue: text)) }

    /// Whether data is kept on disk.
    public static let persistence = Setting(
        "persistence", .yesNo, default: "no",
        help: "Keep the data on disk: log every change, and read it back at the next start"
    ) { text, draft in draft.set(\.isPersistent, to: SettingType.parseYesNo(text)) }

    /// Where data is kept.
    public static let dataDir = Setting(
        "data-dir", .path, default: "gyre-data", help: "Directory of the data"
    ) { text, draft in draft.set(\.dataDirectory, to: text.isEmpty ? nil : text) }

    /// When the log is synced.
    public static let appendfsync = Setting(
        "appendfsync", .choice(["always", "everysec", "no"]), default: "everysec",
        help:
            "When the log is synced: before each reply, about once a second, or as the kernel likes"
    ) { text, draft in
        draft.set(\.syncPolicy, to: ["always", "everysec", "no"].contains(text) ? text : nil)
    }

    /// From which length on strings are compressed in memory.
    public static let compressValuesOver = Setting(
        "compress-values-over", .count(0...ServerSettings.compressedOverLimit), default: "0",
        help: "Compress strings of more than so many bytes in memory; 0 compresses none"
    ) { text, draft in
        draft.set(
            \.compressedOver,
            to: SettingType.parseCount(text, in: 0...ServerSettings.compressedOverLimit))
    }

    /// The configuration file.
    public static let config = Setting(
        "config", .path, default: "", isFileKey: false,
        help: "YAML file of settings, one 'name: value' a line"
    ) { text, _ in !text.isEmpty }

    private init(
        _ name: String, _ type: SettingType, default defaultValue: String, isFileKey: Bool = true,
        help: String, store: @escaping @Sendable (String, inout SettingsDraft) -> Bool
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.help = help
        self.isFileKey = isFileKey
        self.store = store
    }
}
