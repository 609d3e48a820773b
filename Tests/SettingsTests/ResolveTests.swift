import Settings
import Testing

/// Which place wins, and what holds when no place says anything.
@Suite struct ResolveTests {
    @Test func defaultsAreSafeAndUseEveryCPU() throws {
        let settings = try ServerSettings.resolve([], inheritedCPUs: [1, 2, 5])
        #expect(settings.addresses.map(\.description) == ["127.0.0.1", "-::1"])
        #expect(!settings.isReachableFromOutside)
        #expect(settings.port == 6379)
        #expect(settings.nodePort == 7379)
        #expect(settings.corePortFirst == nil)
        #expect(settings.coreCount == 3)
        #expect(settings.cpus == [1, 2, 5])
        #expect(settings.password == nil)
        #expect(settings.clientCountMax == 10_000)
        #expect(settings.logLevel == .notice)
        #expect(settings.warnings.isEmpty)
    }

    @Test func flagsGoBeforeEnvironmentAndEnvironmentBeforeFile() throws {
        let file = try SettingsLayer.file(
            [
                FileSetting(key: "port", text: "7001", line: 1),
                FileSetting(key: "node-port", text: "7002", line: 2),
                FileSetting(key: "maxclients", text: "7", line: 3),
            ], path: "gyre.yaml")
        let environment = try SettingsLayer.environment([
            "GYRE_PORT": "8001", "GYRE_NODE_PORT": "8002", "HOME": "/root",
        ])
        let flags = SettingsLayer.flags(["port": "9001"])
        let settings = try ServerSettings.resolve([flags, environment, file], inheritedCPUs: [0])
        #expect(settings.port == 9001)
        #expect(settings.nodePort == 8002)
        #expect(settings.clientCountMax == 7)
    }

    @Test func emptyVariableCountsAsAbsent() throws {
        let environment = try SettingsLayer.environment(["GYRE_PORT": ""])
        let settings = try ServerSettings.resolve([environment], inheritedCPUs: [0])
        #expect(settings.port == 6379)
    }

    @Test func everySettingReachesItsField() throws {
        let flags = SettingsLayer.flags([
            "host": "0.0.0.0,::", "port": "1", "node-port": "65535", "core-ports": "7400",
            "cores": "2", "cpus": "3,1-2", "requirepass": "pässword", "protected-mode": "no",
            "maxclients": "1000000", "loglevel": "debug", "config": "gyre.yaml",
        ])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0, 1, 2, 3])
        #expect(settings.addresses.map(\.text) == ["0.0.0.0", "::"])
        #expect(settings.addresses.map(\.family) == [.ipv4, .ipv6])
        #expect(settings.isReachableFromOutside)
        #expect(settings.port == 1)
        #expect(settings.nodePort == 65_535)
        #expect(settings.findPort(ofCore: 1) == 7401)
        #expect(settings.coreCount == 2)
        #expect(settings.cpus == [3, 1, 2])
        #expect(settings.password == "pässword")
        #expect(!settings.isProtected)
        #expect(settings.clientCountMax == 1_000_000)
        #expect(settings.logLevel == .debug)
    }

    @Test func coresFollowTheGivenCPUs() throws {
        let flags = SettingsLayer.flags(["cpus": "2"])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0, 1, 2, 3])
        #expect(settings.coreCount == 1)
    }

    @Test func moreCoresThanInheritedCPUsIsAllowedWithAWarning() throws {
        let flags = SettingsLayer.flags(["cores": "4"])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0, 1])
        #expect(settings.coreCount == 4)
        #expect(settings.warnings.count == 1)
        #expect(settings.warnings[0].contains("4 cores share 2 CPUs (0-1)"))
    }

    @Test func openHostWithAPasswordIsAllowed() throws {
        let flags = SettingsLayer.flags(["host": "*", "requirepass": "secret"])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0])
        #expect(settings.isReachableFromOutside)
        #expect(settings.warnings.isEmpty)
    }
}
