import Testing

/// Each rule finds what it is for, and lets the nearest innocent text pass.
@Suite struct RuleTests {
    private func source(_ text: String, path: String = "Sources/Engine/Sample.swift") -> SourceText
    {
        SourceText(path: path, text: text)
    }

    @Test func longLineIsFound() {
        let line = String(repeating: "x", count: 100)
        #expect(FormRules.checkColumns(source(line)).isEmpty)
        #expect(FormRules.checkColumns(source("\n" + line + "x")).map(\.line) == [2])
        #expect(FormRules.checkColumns(source(line + "x", path: "docs/a.md")).isEmpty)
    }

    @Test func longFileIsFound() {
        let limit = String(repeating: "\n", count: 800)
        #expect(FormRules.checkFileLength(source(limit)).isEmpty)
        #expect(FormRules.checkFileLength(source(limit + "x\n")).count == 1)
    }

    @Test func longFunctionIsFound() {
        func function(_ lines: Int) -> String {
            "struct A {\n    public func a(\n        b: Int\n    ) {\n"
                + String(repeating: "        call { \"}\" }\n", count: lines - 4) + "    }\n}\n"
        }
        #expect(FunctionRules.checkLength(source(function(70))).isEmpty)
        let found = FunctionRules.checkLength(source(function(71)))
        #expect(
            found.map(\.description) == [
                "Sources/Engine/Sample.swift:2: function-length: 71 lines, at most 70"
            ])
    }

    @Test func requirementWithoutABodyHasNoLength() {
        let text =
            "protocol A {\n    func a()\n    func b()\n}\n" + String(repeating: "\n", count: 90)
        #expect(FunctionRules.checkLength(source(text)).isEmpty)
    }

    @Test(arguments: FormRules.markers)
    func markerIsFoundInCommentsOnly(marker: String) {
        #expect(FormRules.checkMarkers(source("let a = 1  // \(marker): b")).count == 1)
        #expect(FormRules.checkMarkers(source("let a = \"\(marker)\"")).isEmpty)
        #expect(FormRules.checkMarkers(source("a \(marker)", path: "docs/a.md")).count == 1)
    }

    @Test(arguments: FormRules.machinePaths)
    func machinePathIsFoundAnywhere(path: String) {
        #expect(FormRules.checkMachinePaths(source("let a = \"\(path)b\"")).count == 1)
        #expect(FormRules.checkMachinePaths(source("see \(path)b", path: "README.md")).count == 1)
    }

    @Test func strangerAtTheTopIsFound() {
        let found = FormRules.checkTopLevel(["README.md", "notes.md"], allowed: ["README.md"])
        #expect(found.map(\.path) == ["notes.md"])
    }

    @Test(
        arguments: [
            "import Runtime", "@testable import Uring", "import struct Foundation.Data",
            "public import Logging",
        ])
    func importAgainstTheArrowIsFound(line: String) {
        #expect(ModuleRules.checkImports(source("import Base\n" + line)).map(\.line) == [2])
    }

    @Test func moduleWithoutARowIsFound() {
        let file = source("import Base", path: "Sources/Novel/Sample.swift")
        #expect(ModuleRules.checkImports(file).count == 1)
    }

    @Test func importInACommentIsNone() {
        #expect(ModuleRules.checkImports(source("/// import Runtime\nimport Base")).isEmpty)
    }

    @Test func printInALibraryIsFound() {
        #expect(ModuleRules.checkPrint(source("    print(\"a\")")).count == 1)
        #expect(ModuleRules.checkPrint(source("    debugPrint(a)")).count == 1)
        #expect(ModuleRules.checkPrint(source("    fingerprint(a)\n    // print(a)")).isEmpty)
        #expect(ModuleRules.checkPrint(source("print(a)", path: "Sources/gyre/a.swift")).isEmpty)
    }

    @Test func pointerOutsideTheListIsFound() {
        let file = source("let a: UnsafeMutablePointer<Int>\n// UnsafeRawPointer")
        #expect(ModuleRules.checkPointers(file, allowed: []).map(\.line) == [1])
        #expect(ModuleRules.checkPointers(file, allowed: ["Sources/Engine/"]).isEmpty)
        #expect(ModuleRules.checkPointers(file, allowed: ["Sources/Engine/Other.swift"]).count == 1)
    }

    @Test func listOfPointerFilesNeedsReasons() {
        #expect(ModuleRules.parsePointerFiles("# remark\nSources/A/: memory\n") == ["Sources/A/"])
        #expect(ModuleRules.parsePointerFiles("Sources/A/:\n") == nil)
        #expect(ModuleRules.parsePointerFiles("Sources/A/\n") == nil)
    }

    @Test(
        arguments: [
            "public let a = 1", "public struct A {", "    @inlinable public func a() {",
            "    public init() {", "public static func make() {}", "public mutating func a() {",
        ])
    func undocumentedPublicDeclarationIsFound(line: String) {
        #expect(CommentRules.checkDocumentation(source(line)).count == 1)
        #expect(CommentRules.checkDocumentation(source("/// A.\n@inlinable\n" + line)).isEmpty)
    }

    @Test func witnessesAndPrivateDeclarationsNeedNoComment() {
        let text =
            "public static func == (a: A, b: A) -> Bool {\nlet a = 1\npublic var description: Int {"
        #expect(CommentRules.checkDocumentation(source(text)).isEmpty)
    }

    @Test(
        arguments: [
            "// let a = 1", "    // return nil", "// guard a else { return }", "// }",
            "// foo(a) {",
        ])
    func commentedCodeIsFound(line: String) {
        #expect(CommentRules.checkCommentedCode(source(line)).count == 1)
    }

    @Test(
        arguments: [
            "/// let a = 1", "// Let it be.", "// return to the caller first", "let a = \"// }\"",
        ])
    func proseIsNoCommentedCode(line: String) {
        #expect(CommentRules.checkCommentedCode(source(line)).isEmpty)
    }
}
