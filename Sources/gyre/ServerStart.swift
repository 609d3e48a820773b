import Glibc
import Logging
import Runtime
import Settings

/// Runs a node with `settings` until it is told to stop; returns after everything has been
/// answered.
///
/// - Throws: ``StartupObstacle`` when the machine does not let it start.
func runServer(_ settings: ServerSettings) throws {
    let log = ServerLog.makeLogger(level: settings.logLevel)
    for warning in settings.warnings { log.warning("\(warning)") }
    let writer = settings.configurationPath.map { path in
        SettingsWriter { SettingsFile.rewrite(path: path, $0) }
    }
    let start = ContinuousClock.now
    let server = try Server(settings, settingsWriter: writer) { news in
        ReshardingLines.write(news, took: ContinuousClock.now - start, to: log)
    }
    try server.run { reports in
        RecoveryLines.write(reports, took: ContinuousClock.now - start, to: log)
    } onReady: { addresses in
        print(StartupBanner.text(settings, listeningOn: addresses), terminator: "")
        // A pipe or a file would keep the lines back until the end.
        fflush(nil)
    }
    log.notice("All clients have been answered; the server has ended.")
}
