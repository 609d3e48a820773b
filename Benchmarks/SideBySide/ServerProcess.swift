import Foundation
import Uring

/// A server under measurement: a child process in a directory of its own, killed when dropped.
final class ServerProcess {
    let name: String
    let port: UInt16
    /// Where core 0 listens for clients that know the slots' owners.
    let corePort: UInt16
    private let process = Process()
    private let directory: ServerDirectory
    /// When it was started, by the monotonic clock.
    let startedAt: UInt64

    var pid: Int32 { process.processIdentifier }

    /// Starts `command` on the given CPUs and waits until it accepts connections.
    ///
    /// In each word of `command`, `{port}`, `{node_port}`, `{cluster_port}`, `{http_port}` become
    /// free ports, `{core_port}` the first of several free ports in a row, `{cores}` the number of
    /// CPUs, `{dir}` its directory: an empty one, or one that another server has left.
    init(
        _ name: String, _ command: [String], cpus: [Int], in used: ServerDirectory? = nil
    ) throws {
        self.name = name
        port = try ServerProcess.freePorts(1)
        corePort = try ServerProcess.freePorts(cpus.count)
        directory = try used ?? ServerDirectory()
        var values = ["port": "\(port)", "core_port": "\(corePort)", "cores": "\(cpus.count)"]
        values["dir"] = directory.url.path
        for other in ["node_port", "cluster_port", "http_port"] {
            values[other] = "\(try ServerProcess.freePorts(1))"
        }
        let words = command.map { word in
            values.reduce(word) { $0.replacingOccurrences(of: "{\($1.key)}", with: $1.value) }
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["taskset", "-c", cpus.map { "\($0)" }.joined(separator: ",")] + words
        process.currentDirectoryURL = directory.url
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        startedAt = Clocks.monotonicNanoseconds()
        try process.run()
        try waitUntilListening(words)
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
        process.waitUntilExit()
    }

    /// Has the server end by itself, and waits until it has.
    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Resident memory now, in bytes.
    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            if let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
                return kibibytes * 1024
            }
        }
        throw Failure("\(name): no resident size")
    }

    /// CPU time of the process so far, threads that have ended included.
    func cpuNanoseconds() throws -> Int {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0,
            unsafe clock_gettime(clock, &time) == 0
        else { throw Failure("\(name): no CPU time") }
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Memory of the process and its children that no file is behind; pages that several have are
    /// counted once.
    func proportionalBytes() throws -> Int {
        var sum = 0
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let other = Int32(entry), other == pid || parent(of: other) == pid else {
                continue
            }
            // A child may be gone by now.
            let text = try? String(contentsOfFile: "/proc/\(other)/smaps_rollup", encoding: .utf8)
            for line in (text ?? "").split(separator: "\n") where line.hasPrefix("Pss_Anon:") {
                let kibibytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
                sum += (kibibytes ?? 0) * 1024
            }
        }
        return sum
    }

    private func parent(of process: Int32) -> Int32? {
        let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = (text ?? "").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 ? Int32(fields[1]) : nil
    }

    private func waitUntilListening(_ words: [String]) throws {
        let deadline = Clocks.monotonicNanoseconds() + 10_000_000_000
        while Clocks.monotonicNanoseconds() < deadline && process.isRunning {
            if let socket = try? FileDescriptor.connected(host: "127.0.0.1", port: port) {
                return socket.close()
            }
            usleep(2_000)
        }
        throw Failure("did not listen on \(port): \(words.joined(separator: " "))")
    }

    /// The first of `count` ports in a row that nobody listens on.
    private static func freePorts(_ count: Int) throws -> UInt16 {
        for _ in 0..<100 {
            let first = try ListeningSocket(host: "127.0.0.1", port: 0, backlog: 1).address.port
            let rest = (1..<max(count, 1)).allSatisfy { offset in
                guard first <= 65_000 else { return false }
                let next = first + UInt16(offset)
                return (try? ListeningSocket(host: "127.0.0.1", port: next, backlog: 1).address)
                    != nil
            }
            if rest { return first }
        }
        throw Failure("no free ports")
    }
}
