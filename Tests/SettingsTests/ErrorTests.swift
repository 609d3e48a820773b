import Settings
import Testing

/// Every way in which settings can be wrong: it is refused, and the sentence names cause and
/// remedy.
@Suite struct ErrorTests {
    /// What resolving these flags on a machine with the CPUs 0 to 3 throws.
    private func error(of flags: [String: String]) -> SettingsError? {
        do throws(SettingsError) {
            _ = try ServerSettings.resolve([.flags(flags)], inheritedCPUs: [0, 1, 2, 3])
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("port", "0"), ("port", "65536"), ("port", "-1"), ("port", "+1"), ("port", " 1"),
            ("port", "6379x"), ("port", ""), ("port", "99999999999999999999"), ("port", "off"),
            ("node-port", "0"), ("core-ports", "0"), ("core-ports", "on"), ("cores", "0"),
            ("cores", "257"), ("cores", "two"), ("cpus", ""), ("cpus", "0,"), ("cpus", "0-"),
            ("cpus", "-1"), ("cpus", "2-1"), ("cpus", "0-1-2"), ("cpus", "0,0"), ("cpus", "0-2,1"),
            ("cpus", "8192"), ("requirepass", ""), ("protected-mode", "maybe"), ("maxclients", "0"),
            ("maxclients", "1000001"), ("loglevel", "loud"), ("config", ""), ("host", ""),
            ("host", "example.org"), ("host", "127.0.0.1,"), ("host", "127.0.0.1,127.0.0.1"),
            ("host", "127.0.0.256"), ("host", "::1::"), ("host", "--::1"),
        ])
    func valueOutsideItsRangeIsRefused(name: String, text: String) {
        let error = error(of: [name: text])
        #expect(error == .invalidValue(setting: name, text: text, origin: .flag))
        #expect(error?.message.hasPrefix("--\(name) ") == true)
        #expect(error?.message.contains(": give ") == true)
        #expect(error?.exitCode == 64)
    }

    @Test func messageNamesThePlaceOfAWrongValue() throws {
        let environment = try SettingsLayer.environment(["GYRE_MAXCLIENTS": "many"])
        let fromEnvironment = #expect(throws: SettingsError.self) {
            try ServerSettings.resolve([environment], inheritedCPUs: [0])
        }
        #expect(
            fromEnvironment?.message
                == "GYRE_MAXCLIENTS is 'many': give a whole number from 1 to 1000000.")
        #expect(fromEnvironment?.exitCode == 78)

        let pair = FileSetting(key: "port", text: "x", line: 4)
        let file = try SettingsLayer.file([pair], path: "gyre.yaml")
        let fromFile = #expect(throws: SettingsError.self) {
            try ServerSettings.resolve([file], inheritedCPUs: [0])
        }
        #expect(
            fromFile?.message
                == "'port' (gyre.yaml, line 4) is 'x': give a port from 1 to 65535.")
        #expect(fromFile?.exitCode == 78)
    }

    @Test func passwordIsNeverRepeated() {
        let long = String(repeating: "s", count: 513)
        let error = error(of: ["requirepass": long])
        #expect(error?.message == "--requirepass has an unusable value: give 1 to 512 bytes.")
    }

    @Test func unknownNamesAreRefusedWithTheNearestName() {
        let variable = #expect(throws: SettingsError.self) {
            try SettingsLayer.environment(["GYRE_PROT": "1"])
        }
        #expect(variable == .unknownVariable("GYRE_PROT", suggestion: "GYRE_PORT"))
        #expect(variable?.exitCode == 78)

        let key = #expect(throws: SettingsError.self) {
            try SettingsLayer.file(
                [FileSetting(key: "max-clients", text: "1", line: 2)], path: "gyre.yaml")
        }
        #expect(
            key?.message
                == "The key 'max-clients' (gyre.yaml, line 2) names no setting: "
                + "use 'maxclients' or remove it.")

        let foreign = #expect(throws: SettingsError.self) {
            try SettingsLayer.environment(["GYRE_SOMETHING_ELSE": "1"])
        }
        #expect(foreign == .unknownVariable("GYRE_SOMETHING_ELSE", suggestion: nil))
    }

    @Test func fileMayNotNameAnotherFile() {
        #expect(throws: SettingsError.self) {
            try SettingsLayer.file(
                [FileSetting(key: "config", text: "other.yaml", line: 1)], path: "gyre.yaml")
        }
    }

    @Test func variablesOfAContainerPlatformGetTheirOwnRemedy() {
        let error = #expect(throws: SettingsError.self) {
            try SettingsLayer.environment([
                "GYRE_PORT": "tcp://10.0.0.1:6379", "GYRE_SERVICE_HOST": "10.0.0.1",
            ])
        }
        #expect(error?.message.contains("enableServiceLinks") == true)
    }

    @Test(
        arguments: [
            (["port": "7379"], "--port and the default of node-port are both 7379"),
            (["port": "9000", "node-port": "9000"], "--port and --node-port are both 9000"),
            (["cores": "3", "cpus": "0-1"], "--cores asks for 3 cores, but --cpus gives only 2"),
            (["cpus": "2-5"], "--cpus asks for CPU 4-5, but this process may only run on 0-3"),
            (["core-ports": "65533", "cores": "4"], "would need port 65536: give 65532 or less"),
            (["core-ports": "6378", "cores": "2"], "takes the ports 6378 to 6379"),
            (["core-ports": "7379", "cores": "1"], "the default of node-port is 7379"),
            (["host": "0.0.0.0"], "opens 0.0.0.0 to other machines without a password"),
            (["host": "127.0.0.1,-::"], "opens :: to other machines without a password"),
        ])
    func contradictionsAreRefused(flags: [String: String], excerpt: String) {
        let error = error(of: flags)
        #expect(error?.message.contains(excerpt) == true, "\(error?.message ?? "accepted")")
        #expect(error?.exitCode == 64)
    }

    @Test func contradictionWithoutAFlagIsOneOfConfiguration() throws {
        let environment = try SettingsLayer.environment(["GYRE_HOST": "0.0.0.0"])
        let error = #expect(throws: SettingsError.self) {
            try ServerSettings.resolve([environment], inheritedCPUs: [0])
        }
        #expect(error?.exitCode == 78)
        #expect(error?.message.hasPrefix("GYRE_HOST opens") == true)
    }
}
