import Base
import Engine

/// A parameter that CONFIG SET changes, for those who read and write settings files.
public enum ServerParameter {
    /// The names of all, older names of the same parameter included.
    public static func forEachName(_ body: (String) -> Void) {
        for row in ConfigurationTable.rows where ConfigurationTable.resolve(row).isChangeable {
            body("\(row.name)")
        }
    }

    /// Reads a value as CONFIG SET does.
    ///
    /// - Parameter name: one of the names that ``forEachName(_:)`` gives.
    public static func read(_ name: String, _ text: String) -> ParameterReading {
        let row = OwnedBytes(name).withBytes { ConfigurationTable.find($0) }
        guard let row else { return .fault("there is no such parameter") }
        let target = ConfigurationTable.resolve(row)
        switch target.kind.read(text, current: target.initial) {
        case .sound(let value): return .sound(name: "\(target.name)", value: value)
        case .fault(let reason): return .fault(reason)
        }
    }

    /// The name of a parameter that a key of the file means; the key itself where it is none.
    static func ownName(of key: String) -> String {
        let row = OwnedBytes(key).withBytes { ConfigurationTable.find($0) }
        return row.map { "\(ConfigurationTable.resolve($0).name)" } ?? key
    }

    /// Whether a parameter's value must not be shown.
    public static func isSecret(_ name: String) -> Bool {
        OwnedBytes(name).withBytes { ConfigurationTable.isSecret($0) }
    }
}

/// What reading a parameter's value came to.
public enum ParameterReading: Equatable {
    /// The parameter's own name, and the value as CONFIG GET shows it.
    case sound(name: String, value: String)
    /// Why CONFIG SET would refuse it.
    case fault(String)
}

/// The values of all parameters that CONFIG SET changes, for the settings file.
public struct SettingsInForce: Sendable {
    /// One of them.
    public struct Entry: Sendable {
        /// As CONFIG GET names it.
        public let name: String
        /// As CONFIG GET shows it.
        public let value: String
        /// Whether it is not what the server began with.
        public let isChanged: Bool
    }

    /// In the order of CONFIG GET.
    public private(set) var entries: [Entry] = []

    init(_ configuration: NodeConfiguration, since initial: NodeConfiguration) {
        for row in ConfigurationTable.rows where row.isChangeable {
            let value = configuration.value(of: row)
            entries.append(
                Entry(
                    name: "\(row.name)", value: value,
                    isChanged: value != initial.value(of: row)))
        }
    }
}

/// A change to the settings file.
public enum SettingsEdit: Equatable, Sendable {
    /// The key, there or new, gets this value.
    case set(_ key: String, to: String)
    /// The key goes.
    case remove(_ key: String)
}

extension SettingsInForce {
    /// Calls `body` with what must change in the file so that it says what is in force: values that
    /// differ from those of its keys, and values that were changed and that it does not name.
    ///
    /// - Parameter file: the file's keys, and what it says of each.
    public func forEachEdit(
        of file: [(key: String, text: String)], _ body: (SettingsEdit) -> Void
    ) {
        var named: Set<String> = []
        for (key, text) in file {
            let name = ServerParameter.ownName(of: key)
            named.insert(name)
            guard let entry = entries.first(where: { $0.name == name }) else { continue }
            if ServerParameter.read(key, text) == .sound(name: name, value: entry.value) {
                continue
            }
            // No password is the absence of the setting, not an empty one.
            let isNoPassword = name == "requirepass" && entry.value.isEmpty
            body(isNoPassword ? .remove(key) : .set(key, to: entry.value))
        }
        for entry in entries where entry.isChanged && !named.contains(entry.name) {
            if entry.name == "requirepass", entry.value.isEmpty { continue }
            body(.set(entry.name, to: entry.value))
        }
    }
}

extension ConfigurationParameter {
    /// Whether CONFIG SET changes it under its own name.
    var isChangeable: Bool {
        switch kind {
        case .fixed, .alias: false
        default: true
        }
    }
}

extension NodeConfiguration {
    /// Sets a parameter to what ``ServerParameter/read(_:_:)`` found sound.
    public mutating func set(_ name: String, to value: String) {
        let row = OwnedBytes(name).withBytes { ConfigurationTable.find($0) }
        if let row { set(ConfigurationTable.resolve(row), to: value) }
    }
}

// MARK: - CONFIG REWRITE

extension Core {
    /// What CONFIG REWRITE writes.
    public var settingsInForce: SettingsInForce {
        SettingsInForce(configuration, since: initialConfiguration)
    }

    /// CONFIG REWRITE: the shell writes the file, and the client waits for it.
    ///
    /// - Returns: false when the request must be read again once earlier replies are in.
    mutating func rewriteSettings(
        _ connection: ConnectionReference, _ request: Request
    ) -> Bool {
        if identity.configurationFile.isEmpty {
            refuseRewrite()
            return true
        }
        guard let operation = begin(connection, request) else { return false }
        outbox.append(.rewriteSettings(operation.id.number))
        return true
    }

    /// Without a file there is nothing to write, and a transaction cannot wait for a disk.
    mutating func refuseRewrite() {
        engine.fail(
            identity.configurationFile.isEmpty
                ? "ERR The server is running without a config file"
                : "ERR CONFIG REWRITE is not possible in a transaction")
    }

    /// The settings file was written, or was not.
    ///
    /// - Parameters:
    ///   - number: that of the effect.
    ///   - failure: why not; nil where it was.
    public mutating func settingsRewritten(_ number: UInt64, failure: String?) {
        let operation = operations.find(OperationID(number: number))
        answer(operation) { core, _ in
            if let failure {
                core.engine.fail("ERR Rewriting config file: \(failure)")
            } else {
                core.engine.reply.ok()
            }
        }
        end(operation)
    }
}
