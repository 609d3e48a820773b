import Foundation
import Testing

/// The rules of docs/STYLE.md that a program can check, applied to every file of the project.
@Suite struct HouseRulesTests {
    private let files: [SourceText]

    init() throws {
        files = try SourceTree.files()
    }

    /// Fails with one line for each finding: file, line, rule.
    private func expectNone(_ check: (SourceText) -> [Violation]) {
        let violations = files.flatMap(check)
        let report = violations.map(\.description).joined(separator: "\n")
        #expect(violations.isEmpty, "\n\(report)")
    }

    @Test func theTreeIsFound() {
        #expect(files.contains { $0.path == "Package.swift" })
        #expect(files.contains { $0.path == "Sources/Base/Invariant.swift" })
        #expect(files.contains { $0.path == ".ci/setup" })
    }

    @Test func columns() { expectNone(FormRules.checkColumns) }
    @Test func fileLength() { expectNone(FormRules.checkFileLength) }
    @Test func functionLength() { expectNone(FunctionRules.checkLength) }
    @Test func markers() { expectNone(FormRules.checkMarkers) }
    @Test func machinePaths() { expectNone(FormRules.checkMachinePaths) }
    @Test func imports() { expectNone(ModuleRules.checkImports) }
    @Test func printing() { expectNone(ModuleRules.checkPrint) }
    @Test func documentation() { expectNone(CommentRules.checkDocumentation) }
    @Test func commentedCode() { expectNone(CommentRules.checkCommentedCode) }

    @Test func pointers() throws {
        let list = SourceTree.root.appending(path: "Tests/LintTests/pointer-files.txt")
        let text = try String(contentsOf: list, encoding: .utf8)
        let allowed = try #require(ModuleRules.parsePointerFiles(text), "a line has no reason")
        for path in allowed {
            #expect(files.contains { $0.path.hasPrefix(path) }, "\(path) is listed and has no file")
        }
        expectNone { ModuleRules.checkPointers($0, allowed: allowed) }
    }

    @Test func topLevel() throws {
        let violations = FormRules.checkTopLevel(
            try SourceTree.topLevel(), allowed: SourceTree.allowedTopLevel)
        #expect(violations.isEmpty, "\(violations)")
    }
}
