import Foundation
import Testing

@testable import Settings

/// The table of settings itself, and the reference that is printed from it.
@Suite struct ReferenceTests {
    @Test func namesAreUniqueAndWellFormed() {
        let names = Setting.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(name)")
        }
        #expect(Setting.corePorts.environmentName == "GYRE_CORE_PORTS")
    }

    @Test func defaultsAreValuesOrDependOnTheMachine() {
        let ofTheMachine = ["cores", "cpus"]
        for setting in Setting.all where !setting.defaultValue.isEmpty {
            var draft = SettingsDraft()
            let isValue = setting.store(setting.defaultValue, &draft)
            #expect(isValue != ofTheMachine.contains(setting.name), "\(setting.name)")
        }
    }

    @Test func referenceHasExactlyTheRowsOfTheTable() throws {
        let document = URL(filePath: #filePath).appending(path: "../../../docs/settings.md")
        let text = try String(contentsOf: document.standardized, encoding: .utf8)
        let rows = text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| `--") }
        #expect(rows == Setting.all.map(row))
    }

    private func row(_ setting: Setting) -> String {
        let key = setting.isFileKey ? "`\(setting.name)`" : "none"
        let fallback = setting.defaultValue.isEmpty ? "none" : setting.defaultValue
        let cells = [
            "`--\(setting.name)`", "`\(setting.environmentName)`", key, fallback,
            setting.type.range, setting.help,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }
}
