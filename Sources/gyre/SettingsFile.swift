import Foundation
import Runtime
import Settings
import Yams

/// The configuration file: a YAML mapping from the settings' names to scalars, or to lists of
/// scalars where a setting takes several values.
enum SettingsFile {
    /// The layer that the file at `path` gives; an empty file gives nothing.
    static func read(path: String) throws(SettingsError) -> SettingsLayer {
        try layer(of: parse(try readText(path: path), path: path), path: path)
    }

    private static func layer(
        of pairs: [FileSetting], path: String
    ) throws(SettingsError) -> SettingsLayer {
        var names: [String] = []
        FileParameter.forEachName { names.append($0) }
        return try SettingsLayer.file(pairs, path: path, parameters: names)
    }

    // MARK: CONFIG REWRITE

    /// Lets the file say what is in force. It is replaced in one step, so whoever reads it, also
    /// after a crash, finds the old one or the new one whole.
    ///
    /// - Returns: why it was not; nil where it was, or where it said so already.
    static func rewrite(path: String, _ change: SettingsChange) -> String? {
        do {
            // One that was taken away since the start is written anew.
            let isThere = FileManager.default.fileExists(atPath: path)
            let old = isThere ? try readText(path: path) : ""
            let new = try changed(old, path: path, change)
            if new != old { try AtomicFile.replace(path, by: Array(new.utf8)) }
            return nil
        } catch let error as SettingsError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    /// The text after a change, which is checked by reading it back.
    static func changed(
        _ old: String, path: String, _ change: SettingsChange
    ) throws(SettingsError) -> String {
        var text = SettingsFileText(old)
        var expected: [String: String?] = [:]
        change.apply(to: &text, saying: try parse(old, path: path)) { expected[$0] = .some($1) }
        if expected.isEmpty { return old }
        let pairs = try parse(text.text, path: path)
        for (key, value) in expected {
            guard pairs.first(where: { $0.key == key })?.text == value else {
                throw .unusableFile(path: path, reason: "'\(key)' cannot be changed in it")
            }
        }
        let layer = try layer(of: pairs, path: path)
        do throws(SettingsError) {
            _ = try ServerSettings.resolve([layer], inheritedCPUs: Affinity.inherited)
        } catch .contradiction {
            // Flags and environment may resolve it, as they have at this start.
        }
        return text.text
    }

    /// The pairs of `text`, which messages call `path`.
    static func parse(_ text: String, path: String) throws(SettingsError) -> [FileSetting] {
        guard let root = try compose(text, path: path) else { return [] }
        guard case .mapping(let mapping) = root else {
            throw .unusableFile(path: path, reason: "it is not a list of 'name: value' lines")
        }
        var pairs: [FileSetting] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            guard let name = key.scalar?.string, let text = findText(of: value) else {
                throw .unusableFile(
                    path: path, reason: "line \(line) is not of the form 'name: value'")
            }
            pairs.append(FileSetting(key: name, text: text, line: line))
        }
        return pairs
    }

    private static func compose(_ text: String, path: String) throws(SettingsError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw .unusableFile(path: path, reason: describe(error))
        }
    }

    /// The text as written, so that a password of digits keeps its leading zeros.
    private static func findText(of node: Node) -> String? {
        switch node {
        case .scalar(let scalar):
            let isNull =
                scalar.style == .plain && ["~", "null"].contains(scalar.string.lowercased())
            return isNull ? "" : scalar.string
        case .sequence(let items):
            let texts = items.compactMap { $0.scalar?.string }
            return texts.count == items.count ? texts.joined(separator: ",") : nil
        case .mapping, .alias:
            return nil
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _),
            YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "line \(mark.line) is not YAML (\(problem))"
        case YamlError.duplicatedKeysInMapping(let duplicates, _):
            "it names \(duplicates.map { "'\($0)'" }.joined(separator: ", ")) twice"
        default:
            "it is not YAML"
        }
    }

    private static func readText(path: String) throws(SettingsError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch CocoaError.fileReadNoSuchFile {
            throw .unusableFile(path: path, reason: "it does not exist")
        } catch CocoaError.fileReadNoPermission {
            throw .unusableFile(path: path, reason: "this user may not read it")
        } catch {
            throw .unusableFile(path: path, reason: "it cannot be read as a file")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .unusableFile(path: path, reason: "it is not UTF-8 text")
        }
        return text
    }
}
