import Foundation
import Testing

@testable import Raft

/// Scripts with recorded output: what a reader can follow, and what must not change unnoticed.
/// `GYRE_RECORD=1` records anew.
struct ScenarioTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Scenarios")

    static var names: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.hasSuffix(".txt") }.sorted()
    }

    @Test func scriptsAreFound() { #expect(Self.names.count >= 8) }

    @Test(arguments: names)
    func happensAsRecorded(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let recorded = try String(contentsOf: file, encoding: .utf8)
        let found = Scenario().run(recorded)
        #expect(!found.contains("WRONG"))
        if ProcessInfo.processInfo.environment["GYRE_RECORD"] != nil {
            try found.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(found == recorded, "\(name)")
        }
    }
}
