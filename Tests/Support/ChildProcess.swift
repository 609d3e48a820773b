import Foundation
import Glibc
import Synchronization

/// A program started with its output in files. Foundation's Process notices an end only once every
/// process started meanwhile has ended too, so this one is posix_spawn and waitpid.
public final class ChildProcess: Sendable {
    public let pid: pid_t
    /// The raw wait status once the child has been reaped.
    private let waitStatus = Mutex<Int32?>(nil)

    /// Starts `executable` (a path, or a name looked up in PATH) in `directory`, with standard
    /// input, output and error from and to these paths.
    public init(
        executable: String, arguments: [String], directory: String, input: String,
        output: String, errors: String
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let create = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600)
        var attributes = Self.attributesWithDefaultSignals()
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let command = ["env", "-C", directory] + Self.unsetSettings + [executable] + arguments
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { for unsafe word in unsafe words { unsafe free(word) } }
        var child: pid_t = 0
        let status = unsafe posix_spawn(&child, "/usr/bin/env",
        &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw ServerFailure("cannot start '\(executable)': error \(status)")
        }
        pid = child
    }

    deinit {
        if isRunning {
            send(signal: SIGKILL)
            var status: Int32 = 0
            _ = unsafe waitpid(pid, &status, 0)
        }
    }

    /// GYRE_ variables are settings to a server: those of the tests, or of whoever runs them, are
    /// not its.
    private static let unsetSettings = ProcessInfo.processInfo.environment.keys
        .filter { $0.hasPrefix("GYRE_") }.flatMap { ["-u", $0] }

    /// A test runs on a thread that blocks signals, which a child would inherit: SIGTERM would not
    /// reach it.
    private static func attributesWithDefaultSignals() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        return attributes
    }

    public var isRunning: Bool { reaped() == nil }

    /// The exit status once the child ended by itself; `nil` while it runs or when a signal ended
    /// it.
    public var exitStatus: Int32? {
        guard let status = reaped(), status & 0x7F == 0 else { return nil }
        return (status >> 8) & 0xFF
    }

    public func send(signal: Int32) {
        waitStatus.withLock { if $0 == nil { kill(pid, signal) } }
    }

    private func reaped() -> Int32? {
        waitStatus.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
            known = status
            return status
        }
    }
}
