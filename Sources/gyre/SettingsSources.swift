import Foundation
import Runtime
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
        guard let path = flags.find(.config) ?? environment.find(.config) else {
            return try ServerSettings.resolve([flags, environment], inheritedCPUs: inheritedCPUs)
        }
        let file = try SettingsFile.read(path: path)
        try Self.check(file.parameters, path: path)
        var settings = try ServerSettings.resolve(
            [flags, environment, file], inheritedCPUs: inheritedCPUs)
        settings.configurationPath = URL(filePath: path).standardizedFileURL.path
        settings.parameters = file.parameters
        return settings
    }

    private static func check(
        _ parameters: [FileSetting], path: String
    ) throws(SettingsError) {
        for parameter in parameters {
            guard let reason = FileParameter.fault(of: parameter) else { continue }
            let isSecret = FileParameter.isSecret(parameter.key)
            throw .invalidParameter(
                parameter.key, text: isSecret ? nil : parameter.text, path: path,
                line: parameter.line, reason: reason)
        }
    }
}
