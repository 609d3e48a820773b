import Foundation

/// The project's files, as a clone would have them.
enum SourceTree {
    /// The folder that holds Package.swift.
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// What may stand at the top, besides git's own folder and what a build leaves.
    static let allowedTopLevel: Set<String> = [
        "Package.swift", "Sources", "Tests", "Benchmarks", "perf", "README.md", "CHANGELOG.md",
        "LICENSE", "docs", "deploy", "Makefile", ".ci", ".gitignore", ".swift-format",
        ".editorconfig",
    ]

    /// What .gitignore keeps out.
    private static let ignored: Set<String> = [
        ".git", ".build", ".swiftpm", "Package.resolved", ".DS_Store", ".claude",
    ]

    private static let textSuffixes: Set<String> = [
        "swift", "h", "c", "py", "sh", "awk", "md", "modulemap", "yaml", "yml", "json", "txt",
    ]

    /// The entries at the top of the project, sorted.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { !ignored.contains($0) }
            .sorted()
    }

    /// Every text file, in the order of the paths.
    static func files() throws -> [SourceText] {
        let entries = try topLevel().filter { allowedTopLevel.contains($0) && $0 != "LICENSE" }
        return try entries.flatMap(paths).sorted().compactMap(read)
    }

    private static func paths(below entry: String) -> [String] {
        let url = root.appending(path: entry)
        guard let walk = FileManager.default.enumerator(atPath: url.path) else { return [entry] }
        let below = walk.compactMap { ($0 as? String).map { "\(entry)/\($0)" } }
        return below.isEmpty ? [entry] : below.filter { !isOutput($0) }
    }

    private static func isOutput(_ path: String) -> Bool {
        path.contains("/out/") || path.contains("/.build/") || path.contains("__pycache__")
    }

    private static func read(_ path: String) throws -> SourceText? {
        let url = root.appending(path: path)
        var isDirectory: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(
            atPath: url.path, isDirectory: &isDirectory)
        guard exists, !isDirectory.boolValue else { return nil }
        let isKnown = textSuffixes.contains(url.pathExtension)
        guard isKnown || path.hasPrefix(".ci/") || path == "Makefile" else { return nil }
        return SourceText(path: path, text: try String(contentsOf: url, encoding: .utf8))
    }
}
