/// Why the settings are not usable. Each message is one sentence that names cause and remedy.
public enum SettingsError: Error, Equatable {
    /// An environment variable with our prefix that is no setting.
    case unknownVariable(_ name: String, suggestion: String?)
    /// Kubernetes's or Docker's own variables of a service called `gyre`.
    case serviceLinks(_ name: String)
    /// A key of the file that is no setting.
    case unknownKey(_ key: String, path: String, line: Int, suggestion: String?)
    /// The file cannot be read, or is not the YAML that is asked for.
    case unusableFile(path: String, reason: String)
    /// A value that is not one of its setting.
    case invalidValue(setting: String, text: String, origin: SettingOrigin)
    /// A parameter in the file that CONFIG SET would refuse; `text` is nil for a secret.
    case invalidParameter(
        _ name: String, text: String?, path: String, line: Int, reason: String)
    /// Two settings, or a setting and the machine, that cannot both hold.
    case contradiction(_ sentence: String, isFromFlag: Bool)

    /// The sentence for the operator.
    public var message: String {
        switch self {
        case .unknownVariable(let name, let suggestion):
            let remedy = suggestion.map { "use \($0) or unset it" } ?? "unset it"
            return "The environment variable \(name) names no setting: \(remedy)."
        case .serviceLinks(let name):
            return "The environment variable \(name) was set by the container platform to a "
                + "service's address: set enableServiceLinks to false in the pod's specification, "
                + "or give the service another name than gyre."
        case .unknownKey(let key, let path, let line, let suggestion):
            let remedy = suggestion.map { "use '\($0)' or remove it" } ?? "remove it"
            return "The key '\(key)' (\(path), line \(line)) names no setting: \(remedy)."
        case .unusableFile(let path, let reason):
            return "The configuration file \(path) cannot be used, because \(reason): "
                + "mend it or give another by --config."
        case .invalidValue(let name, let text, let origin):
            return Self.describeInvalid(name, text, origin)
        case .invalidParameter(let name, let text, let path, let line, let reason):
            let value = text.map { "is '\($0)'" } ?? "has an unusable value"
            return "'\(name)' (\(path), line \(line)) \(value), which CONFIG SET would refuse "
                + "(\(reason)): mend or remove it."
        case .contradiction(let sentence, _):
            return sentence
        }
    }

    /// `EX_USAGE` (64) when a flag is at fault, `EX_CONFIG` (78) when the environment, the file or
    /// the machine is; source: sysexits(3).
    public var exitCode: Int32 {
        let isUsage =
            switch self {
            case .invalidValue(_, _, .flag): true
            case .contradiction(_, let isFromFlag): isFromFlag
            default: false
            }
        return isUsage ? 64 : 78
    }

    private static func describeInvalid(
        _ name: String, _ text: String, _ origin: SettingOrigin
    ) -> String {
        guard let setting = Setting.find(name) else { return "The setting \(name) is unknown." }
        let place = origin.describe(setting)
        let value = setting.type.isSecret ? "has an unusable value" : "is '\(text)'"
        return "\(place) \(value): give \(setting.type.range)."
    }
}
