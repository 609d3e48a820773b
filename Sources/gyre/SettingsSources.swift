import Settings

/// The places that settings come from.
struct SettingsSources {
    /// The given flags by name, without dashes.
    let flags: [String: String]
    /// Every environment variable of the process.
    let environment: [String: String]

    /// Reads the file that flags or environment name, if any, and resolves all three.
    func resolve(inheritedCPUs: [Int]) throws(SettingsError) -> ServerSettings {
        let flags = SettingsLayer.flags(flags)
        let environment = try SettingsLayer.environment(environment)
        var layers = [flags, environment]
        if let path = flags.find(.config) ?? environment.find(.config) {
            layers.append(try SettingsFile.read(path: path))
        }
        return try ServerSettings.resolve(layers, inheritedCPUs: inheritedCPUs)
    }
}
