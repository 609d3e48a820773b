import ArgumentParser
import Settings

/// The flags of `gyre server`: one for each row of ``Setting/all``, still as text, because flags,
/// environment and file are read by the same rules.
struct ServerFlags: ParsableArguments {
    @Option(.host) var host: String?
    @Option(.port) var port: String?
    @Option(.nodePort) var nodePort: String?
    @Option(.corePorts) var corePorts: String?
    @Option(.cores) var cores: String?
    @Option(.cpus) var cpus: String?
    @Option(.requirepass) var requirepass: String?
    @Option(.protectedMode) var protectedMode: String?
    @Option(.maxclients) var maxclients: String?
    @Option(.loglevel) var loglevel: String?
    @Option(.persistence) var persistence: String?
    @Option(.dataDir) var dataDir: String?
    @Option(.appendfsync) var appendfsync: String?
    @Option(.compressValuesOver) var compressValuesOver: String?
    @Option(.config) var config: String?

    /// The flags that were given, by name.
    var given: [String: String] {
        let all: [(Setting, String?)] = [
            (.host, host), (.port, port), (.nodePort, nodePort), (.corePorts, corePorts),
            (.cores, cores), (.cpus, cpus), (.requirepass, requirepass),
            (.protectedMode, protectedMode), (.maxclients, maxclients), (.loglevel, loglevel),
            (.persistence, persistence), (.dataDir, dataDir), (.appendfsync, appendfsync),
            (.compressValuesOver, compressValuesOver), (.config, config),
        ]
        let pairs = all.compactMap { setting, text in text.map { (setting.name, $0) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}

extension Option where Value == String? {
    /// The flag of a setting: its name, help, type and default come from the setting's row.
    fileprivate init(_ setting: Setting) {
        let fallback = setting.defaultValue.isEmpty ? "" : " (default: \(setting.defaultValue))"
        self.init(
            name: .customLong(setting.name),
            help: ArgumentHelp(
                "\(setting.help)\(fallback).",
                valueName: setting.type.name.replacing(" ", with: "-")))
    }
}
