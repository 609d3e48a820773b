import ArgumentParser
import Logging
import Settings

/// Runs a node with `settings` until it is told to stop; returns after everything has been
/// answered.
///
/// - Throws: ``StartupObstacle`` when the machine does not let it start.
func runServer(_ settings: ServerSettings) throws {
    let log = Log.makeLogger(level: settings.logLevel)
    for warning in settings.warnings { log.warning("\(warning)") }
    print(StartupBanner.text(settings, listeningOn: settings.addresses), terminator: "")
    throw ValidationError("This build checks settings only: no event loop is linked.")
}
