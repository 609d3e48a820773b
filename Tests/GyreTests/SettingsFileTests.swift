import Settings
import Testing

@testable import gyre

/// The configuration file's form.
@Suite struct SettingsFileTests {
    private func pairs(_ text: String) throws -> [String: String] {
        let pairs = try SettingsFile.parse(text, path: "gyre.yaml")
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.text) })
    }

    private func reason(_ text: String) -> String? {
        do throws(SettingsError) {
            _ = try SettingsFile.parse(text, path: "gyre.yaml")
        } catch .unusableFile(_, let reason) {
            return reason
        } catch {
            return nil
        }
        return nil
    }

    @Test func scalarsKeepTheirText() throws {
        #expect(
            try pairs("requirepass: 007\nport: 0x10") == ["requirepass": "007", "port": "0x10"])
        #expect(try pairs("requirepass: '~'") == ["requirepass": "~"])
        #expect(try pairs("requirepass: null\nport:") == ["requirepass": "", "port": ""])
    }

    @Test func listsAreJoined() throws {
        let text = "cpus: [0, 2-5]\nhost:\n  - 127.0.0.1\n  - '::1'\n"
        #expect(try pairs(text) == ["cpus": "0,2-5", "host": "127.0.0.1,::1"])
    }

    @Test func emptyFileGivesNothing() throws {
        #expect(try pairs("").isEmpty)
        #expect(try pairs("# nothing\n").isEmpty)
    }

    @Test func linesAreCountedFromOne() throws {
        let pairs = try SettingsFile.parse("# ports\nport: 1\n\nnode-port: 2\n", path: "gyre.yaml")
        #expect(pairs.map(\.line) == [2, 4])
    }

    @Test func whatIsNotAMappingOfScalarsIsRefused() {
        #expect(reason("- port") == "it is not a list of 'name: value' lines")
        #expect(reason("port: {a: b}") == "line 1 is not of the form 'name: value'")
        #expect(reason("port: 1\nport: 2") == "it names 'port' twice")
        #expect(reason("port: [1")?.hasPrefix("line ") == true)
    }
}
