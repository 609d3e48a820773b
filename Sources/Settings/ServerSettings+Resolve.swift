/// Settings while they are gathered: what is nil was given by nobody and has a default that depends
/// on the machine.
struct SettingsDraft {
    var addresses: [BindAddress] = []
    var port: UInt16 = 0
    var nodePort: UInt16 = 0
    var corePortFirst: UInt16?
    var coreCount: Int?
    var cpus: [Int]?
    var password: String?
    var isProtected = true
    var clientCountMax = 0
    var logLevel = LogLevel.notice
    var isPersistent = false
    var dataDirectory = ""
    var syncPolicy = "everysec"
    var compressedOver = 0

    /// Stores a parsed value; false, and nothing changed, when parsing gave nil.
    mutating func set<Value>(_ field: WritableKeyPath<SettingsDraft, Value>, to value: Value?)
        -> Bool
    {
        guard let value else { return false }
        self[keyPath: field] = value
        return true
    }

    /// As the other one, for fields that may be absent.
    mutating func set<Value>(
        _ field: WritableKeyPath<SettingsDraft, Value?>, to value: Value?
    ) -> Bool {
        guard let value else { return false }
        self[keyPath: field] = value
        return true
    }
}

extension ServerSettings {
    /// The settings that `layers` and the defaults give together.
    ///
    /// - Parameters:
    ///   - layers: strongest first: flags, environment, file.
    ///   - inheritedCPUs: the affinity mask that the process was started with; not empty.
    /// - Throws: the first wrong value in the order of ``Setting/all``, else the first
    ///   contradiction.
    public static func resolve(
        _ layers: [SettingsLayer], inheritedCPUs: [Int]
    ) throws(SettingsError) -> ServerSettings {
        var draft = SettingsDraft()
        var origins: [String: SettingOrigin] = [:]
        for setting in Setting.all {
            let given = layers.lazy.compactMap { $0.entries[setting.name] }.first
            guard let given else {
                _ = setting.store(setting.defaultValue, &draft)
                continue
            }
            guard setting.store(given.text, &draft) else {
                throw .invalidValue(
                    setting: setting.name, text: given.text, origin: given.origin)
            }
            origins[setting.name] = given.origin
        }
        let check = ContradictionCheck(draft: draft, origins: origins)
        return try check.resolve(inheritedCPUs: inheritedCPUs)
    }
}
