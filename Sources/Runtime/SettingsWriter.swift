import Node
import Settings
import Uring

/// The parameters that CONFIG SET changes and a settings file may give.
public enum FileParameter {
    /// Calls `body` with each name.
    public static func forEachName(_ body: (String) -> Void) {
        ServerParameter.forEachName(body)
    }

    /// Why CONFIG SET would refuse a value; nil where it would not.
    public static func fault(of parameter: FileSetting) -> String? {
        switch ServerParameter.read(parameter.key, parameter.text) {
        case .sound: nil
        case .fault(let reason): reason
        }
    }

    /// Whether a parameter's value must not be shown.
    public static func isSecret(_ name: String) -> Bool { ServerParameter.isSecret(name) }
}

/// What CONFIG REWRITE is to write.
public struct SettingsChange: Sendable {
    let settings: SettingsInForce

    /// Makes the changes to a file's text that let it say what is in force; for each, calls
    /// `changed` with the key and its new value, which is nil where the key went.
    ///
    /// - Parameter pairs: what the text says now.
    public func apply(
        to text: inout SettingsFileText, saying pairs: [FileSetting],
        _ changed: (String, String?) -> Void
    ) {
        settings.forEachEdit(of: pairs.map { ($0.key, $0.text) }) { edit in
            switch edit {
            case .set(let key, let value):
                text.set(key, to: value)
                changed(key, value)
            case .remove(let key):
                text.remove(key)
                changed(key, nil)
            }
        }
    }
}

/// Writes the settings file on behalf of the cores: each time in a thread of its own, since a disk
/// may take its time.
public struct SettingsWriter: Sendable {
    private let write: @Sendable (SettingsChange) -> String?

    /// - Parameter write: writes the file; why it could not, or nil. Called on any thread, and on
    ///   several at once only if clients ask for it at once.
    public init(_ write: @escaping @Sendable (SettingsChange) -> String?) {
        self.write = write
    }

    /// Writes in a new thread, then calls `completed` there with the reason why it could not.
    func begin(
        _ settings: SettingsInForce, completed: @escaping @Sendable (String?) -> Void
    ) {
        let write = write
        BackgroundThread(name: "settings") { completed(write(SettingsChange(settings: settings))) }
            .detach()
    }
}

/// What became of a settings file that was to be written.
struct SettingsOutcome: Sendable {
    let number: UInt64
    let failure: String?
}

extension CoreLoop {
    /// Has the settings file written; the loop hears of it by its signal.
    func rewriteSettings(_ number: UInt64) {
        let written = link.writtenSettings
        let signal = signal
        guard let writer = settingsWriter else {
            written.append(SettingsOutcome(number: number, failure: "no settings file"))
            EventSignal.notify(signal)
            return
        }
        writer.begin(core.settingsInForce) { failure in
            written.append(SettingsOutcome(number: number, failure: failure))
            EventSignal.notify(signal)
        }
    }

    /// Tells the core of the files that were written.
    mutating func takeWrittenSettings() {
        while let outcome = link.writtenSettings.take() {
            core.settingsRewritten(outcome.number, failure: outcome.failure)
        }
    }
}
