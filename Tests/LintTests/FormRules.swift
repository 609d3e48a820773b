/// Rules about the outer form of a file.
enum FormRules {
    static let columnsMax = 100
    static let fileLinesMax = 800

    /// Markers of unfinished work; in pieces, so that this file does not break its own rule.
    static let markers = ["FIX" + "ME", "TO" + "DO", "XX" + "X"]

    /// Paths that exist on one machine only; in pieces for the same reason.
    static let machinePaths = ["/wo" + "rk/", "/home" + "/", "/roo" + "t/"]

    /// Code and scripts; documents may have wide tables, and data what it must.
    private static func isCode(_ file: SourceText) -> Bool {
        let suffixes = [".swift", ".h", ".c", ".py", ".sh", ".awk", ".modulemap"]
        return suffixes.contains { file.path.hasSuffix($0) }
            || file.path.hasPrefix(".ci/") || file.path == "Makefile"
    }

    static func checkColumns(_ file: SourceText) -> [Violation] {
        guard isCode(file) else { return [] }
        return file.lines.enumerated().filter { $0.element.count > columnsMax }.map {
            Violation(
                path: file.path, line: $0.offset + 1,
                rule: "columns: \($0.element.count), at most \(columnsMax)")
        }
    }

    static func checkFileLength(_ file: SourceText) -> [Violation] {
        guard isCode(file), file.lines.count > fileLinesMax else { return [] }
        let rule = "file-length: \(file.lines.count) lines, at most \(fileLinesMax)"
        return [Violation(path: file.path, line: fileLinesMax + 1, rule: rule)]
    }

    /// In code only comments count, so that an identifier or a planted sample is no finding.
    static func checkMarkers(_ file: SourceText) -> [Violation] {
        let lines = file.isSwift ? file.comments : file.lines
        return find(markers, in: lines, of: file, rule: "marker: finish the work or file an issue")
    }

    static func checkMachinePaths(_ file: SourceText) -> [Violation] {
        find(machinePaths, in: file.lines, of: file, rule: "machine-path: exists on one machine")
    }

    static func checkTopLevel(_ entries: [String], allowed: Set<String>) -> [Violation] {
        entries.filter { !allowed.contains($0) }.map {
            Violation(path: $0, line: 1, rule: "top-level: not in the list of what may stand here")
        }
    }

    private static func find(
        _ words: [String], in lines: [String], of file: SourceText, rule: String
    ) -> [Violation] {
        lines.enumerated().filter { line in words.contains { line.element.contains($0) } }.map {
            Violation(path: file.path, line: $0.offset + 1, rule: rule)
        }
    }
}
