/// The settings that one place gives: the flags, the environment, or a file.
public struct SettingsLayer: Sendable {
    /// A value as somebody wrote it, and where.
    struct Entry: Sendable {
        let text: String
        let origin: SettingOrigin
    }

    var entries: [String: Entry] = [:]
    /// Values of the parameters that CONFIG SET changes, as they stand in the file.
    public private(set) var parameters: [FileSetting] = []

    /// A layer that gives nothing.
    public init() {}

    /// The text of a setting here, or nil.
    public func find(_ setting: Setting) -> String? {
        entries[setting.name]?.text
    }
}

/// Where a value was written; names the place in messages and decides the exit code.
public enum SettingOrigin: Sendable, Equatable {
    /// A flag on the command line.
    case flag
    /// An environment variable.
    case environment
    /// A line of the configuration file, counted from 1.
    case file(path: String, line: Int)

    /// How a message names `setting` in this place.
    func describe(_ setting: Setting) -> String {
        switch self {
        case .flag: "--\(setting.name)"
        case .environment: setting.environmentName
        case .file(let path, let line): "'\(setting.name)' (\(path), line \(line))"
        }
    }
}

/// A `key: value` pair of a configuration file.
public struct FileSetting: Sendable, Equatable {
    /// The key as written.
    public let key: String
    /// The value as written, without quotes.
    public let text: String
    /// The line of the key, counted from 1.
    public let line: Int

    /// A pair as it stands in the file; the key may be unknown and the value wrong.
    public init(key: String, text: String, line: Int) {
        self.key = key
        self.text = text
        self.line = line
    }
}

extension SettingsLayer {
    /// The layer of the command line.
    ///
    /// - Parameter flags: the given flags by name, without dashes; every name must be a setting's.
    public static func flags(_ flags: [String: String]) -> SettingsLayer {
        var layer = SettingsLayer()
        layer.entries = flags.mapValues { Entry(text: $0, origin: .flag) }
        return layer
    }

    /// The layer of the environment: every variable that begins with `GYRE_`.
    ///
    /// An empty variable counts as absent, because compose files cannot leave one out.
    /// - Throws: ``SettingsError/unknownVariable(_:suggestion:)``, or
    ///   ``SettingsError/serviceLinks(_:)`` when Kubernetes put addresses of a service there.
    public static func environment(
        _ variables: [String: String]
    ) throws(SettingsError) -> SettingsLayer {
        let settings = Dictionary(
            uniqueKeysWithValues: Setting.all.map { ($0.environmentName, $0) })
        let given = variables.filter { $0.key.hasPrefix(Setting.environmentPrefix) }
        if let port = given[Setting.port.environmentName], port.hasPrefix("tcp://") {
            throw .serviceLinks(Setting.port.environmentName)
        }
        var layer = SettingsLayer()
        for (name, text) in given.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            guard let setting = settings[name] else {
                let suggestion = Spelling.findNearest(to: name, among: settings.keys.sorted())
                throw .unknownVariable(name, suggestion: suggestion)
            }
            layer.entries[setting.name] = Entry(text: text, origin: .environment)
        }
        return layer
    }

    /// The layer of a configuration file.
    ///
    /// - Parameter parameters: names that are no settings and may stand in the file all the same.
    /// - Throws: ``SettingsError/unknownKey(_:path:line:suggestion:)``.
    public static func file(
        _ pairs: [FileSetting], path: String, parameters: [String] = []
    ) throws(SettingsError) -> SettingsLayer {
        let names = Setting.all.filter(\.isFileKey).map(\.name)
        var layer = SettingsLayer()
        for pair in pairs {
            if !names.contains(pair.key), parameters.contains(pair.key) {
                layer.parameters.append(pair)
                continue
            }
            guard names.contains(pair.key) else {
                let suggestion = Spelling.findNearest(
                    to: pair.key, among: names + parameters)
                throw .unknownKey(pair.key, path: path, line: pair.line, suggestion: suggestion)
            }
            let origin = SettingOrigin.file(path: path, line: pair.line)
            layer.entries[pair.key] = Entry(text: pair.text, origin: origin)
        }
        return layer
    }
}
