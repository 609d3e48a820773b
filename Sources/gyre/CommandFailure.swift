/// Why `gyre check`, `gyre import` or `gyre export` did not end well.
struct CommandFailure: Error {
    /// Cause and remedy.
    let message: String
    /// One of sysexits(3).
    let exitCode: Int32

    init(_ message: String, _ exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
    }
}
