import Foundation
import Glibc

/// A running server in a temporary directory of its own, ended when the last reference goes.
public final class ServerProcess {
    public let ports: ServerPorts
    public let options: ServerOptions
    private let process: ChildProcess
    private let directory: TemporaryDirectory

    public var port: UInt16 { ports.gateway }
    public var pid: Int32 { process.pid }

    /// Starts the program and returns when it answers PING; fails with its output when it does not.
    public init(_ program: ServerProgram, _ options: ServerOptions = ServerOptions()) throws {
        self.options = options
        let coreRange = UInt16(options.opensCorePorts ? options.cores : 1)
        ports = ServerPorts(
            gateway: FreePort.take(), node: FreePort.take(),
            firstCore: FreePort.takeRange(count: coreRange))
        directory = try TemporaryDirectory()
        let words = program.arguments(ports: ports, options: options)
        process = try ChildProcess(
            executable: try program.executable(), arguments: Array(words.dropFirst()),
            directory: directory.url.path, input: "/dev/null", output: directory.path(of: "stdout"),
            errors: directory.path(of: "stderr"))
        guard waitUntilItAnswers(seconds: 20) else {
            let failure = "'\(words.joined(separator: " "))' did not answer PING.\n\(output)"
            end()
            throw ServerFailure(failure)
        }
    }

    deinit { end() }

    /// A new connection to the gateway port.
    public func connect(timeoutSeconds: Double = 20) throws -> RespConnection {
        do {
            return try RespConnection(port: port, timeoutSeconds: timeoutSeconds)
        } catch {
            throw ServerFailure("cannot connect to port \(port): \(error)\n\(output)")
        }
    }

    public var isRunning: Bool { process.isRunning }

    /// The exit status once the server ended by itself; `nil` while it runs or when a signal ended
    /// it.
    public var exitStatus: Int32? { process.exitStatus }

    public func send(signal: Int32) {
        process.send(signal: signal)
    }

    /// What the server wrote so far, for messages.
    public var output: String {
        ["stdout", "stderr"].map { name in
            "--- \(name):\n" + directory.text(of: name).suffix(2000)
        }.joined(separator: "\n")
    }

    /// Resident memory in bytes, from /proc.
    public var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return kilobytes * 1024
    }

    /// Ends the server: by SIGTERM, and after ten seconds by SIGKILL.
    public func end() {
        guard process.isRunning else { return }
        send(signal: SIGCONT)
        send(signal: SIGTERM)
        if !Deadline.wait(seconds: 10, until: { !process.isRunning }) {
            send(signal: SIGKILL)
            _ = Deadline.wait(seconds: 10) { !process.isRunning }
        }
    }

    private func waitUntilItAnswers(seconds: Double) -> Bool {
        Deadline.wait(seconds: seconds) {
            guard process.isRunning else { return true }
            guard let connection = try? RespConnection(port: port, timeoutSeconds: 2) else {
                return false
            }
            guard let reply = try? connection.call("PING") else { return false }
            return !options.waitsForData || !reply.isLoading
        } && process.isRunning
    }
}

/// A directory that is removed with everything in it when the last reference goes.
public final class TemporaryDirectory {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "gyre-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public func path(of name: String) -> String { url.appending(path: name).path }

    public func text(of name: String) -> String {
        (try? String(contentsOf: url.appending(path: name), encoding: .utf8)) ?? ""
    }
}
