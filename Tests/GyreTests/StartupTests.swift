import Settings
import Testing

@testable import gyre

/// What a starting server says, and what it takes from the machine.
@Suite struct StartupTests {
    @Test func bannerSaysWhereAndHow() throws {
        let flags = SettingsLayer.flags(["cores": "2", "core-ports": "7400", "port": "7000"])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0, 1])
        let bound = settings.addresses.filter { !$0.isOptional }
        let text = StartupBanner.text(settings, listeningOn: bound)
        #expect(
            text == """
                Gyre is ready: 2 cores on CPU 0-1, listening on 127.0.0.1
                  port 7000  any Redis client, every key
                  port 7379  cluster-aware clients
                  ports 7400 to 7401  one core each
                Connect: redis-cli -p 7000    Stop: Ctrl-C

                """)
    }

    @Test func bannerNeverShowsThePassword() throws {
        let flags = SettingsLayer.flags(["host": "192.0.2.7", "requirepass": "hush"])
        let settings = try ServerSettings.resolve([flags], inheritedCPUs: [0])
        let text = StartupBanner.text(settings, listeningOn: settings.addresses)
        #expect(!text.contains("hush"))
        #expect(text.contains("redis-cli -h 192.0.2.7 -p 6379 --askpass"))
    }

    @Test func affinityIsReadFromTheKernelsText() {
        #expect(Affinity.parse("Name:\tx\nCpus_allowed_list:\t0,2-3\nMems:\t0\n") == [0, 2, 3])
        #expect(Affinity.parse("Name:\tx\n") == nil)
        #expect(!Affinity.inherited.isEmpty)
    }

    @Test func logShowsWhatItsLevelIncludes() {
        #expect(ServerLog.threshold(of: .debug) < ServerLog.threshold(of: .verbose))
        #expect(ServerLog.threshold(of: .verbose) < ServerLog.threshold(of: .notice))
        #expect(ServerLog.threshold(of: .notice) < ServerLog.threshold(of: .warning))
    }
}
