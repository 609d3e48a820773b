/// What this machine lacks or refuses when a server starts; the shell around the event loop finds
/// it, and the operator reads ``message``.
public enum StartupObstacle: Error, Sendable, Equatable {
    /// `kernel.io_uring_disabled` forbids io_uring to this process (1: unless privileged, 2: to
    /// all).
    case uringDisabledBySysctl(value: Int)
    /// A seccomp filter, as container engines install one, refuses `io_uring_setup`.
    case uringForbiddenBySeccomp
    /// The locked-memory limit is too small for the rings and their buffers.
    case lockedMemoryTooLow(limitBytes: UInt64, neededBytes: UInt64)
    /// The hard limit of open files is too small for `maxclients`.
    case descriptorsTooFew(limit: Int, needed: Int)
    /// The kernel is older than the oldest that has what the event loop needs.
    case kernelTooOld(release: String)
    /// Another process listens there.
    case portInUse(address: String, port: UInt16, setting: String)
    /// No interface of this machine has the address.
    case addressNotAvailable(address: String)
    /// A port below 1024 and no privilege to bind it.
    case portNotPermitted(port: UInt16, setting: String)
    /// Another process has the data directory.
    case dataInUse(path: String)
    /// The data directory, or a file in it, cannot be made, read or written.
    case dataUnusable(path: String, reason: String)
    /// There is something in the directory, and no data of Gyre.
    case dataForeign(path: String, name: String)
    /// The file system of the data directory is mounted read-only.
    case dataReadOnly(path: String)
    /// The disk of the data directory is full.
    case dataWithoutRoom(path: String, reason: String)
    /// The data is that of another number of cores, and could not be written for this one.
    case dataNotResharded(path: String, from: Int, to: Int, reason: String)
    /// The data was written by a version to come.
    case dataOfNewerVersion(path: String)
    /// What was acknowledged is not there any more.
    case dataDamaged(path: String, fault: String)
    /// The kernel refused a step for a reason that is not foreseen here.
    case systemCallFailed(name: String, reason: String)

    /// The first kernel with all that the event loop uses: single-issuer rings with deferred task
    /// work came with 6.1, multishot receive and provided buffer rings before it.
    public static let kernelOldest = "6.1"

    /// Cause and remedy, with the exact command to type.
    public var message: String {
        switch self {
        case .uringDisabledBySysctl(let value):
            "The kernel setting kernel.io_uring_disabled is \(value), which forbids io_uring: "
                + "run `sudo sysctl -w kernel.io_uring_disabled=0`."
        case .uringForbiddenBySeccomp:
            "A seccomp filter forbids io_uring, as the default profile of container engines does: "
                + "start the container with `--security-opt seccomp=unconfined`, or with a profile "
                + "that allows io_uring_setup, io_uring_enter and io_uring_register."
        case .lockedMemoryTooLow(let limitBytes, let neededBytes):
            "Only \(limitBytes) bytes of memory may be locked and the rings need \(neededBytes): "
                + "run `ulimit -l \((neededBytes + 1023) / 1024)` before the server, or set "
                + "LimitMEMLOCK=\(neededBytes) in its systemd unit."
        case .descriptorsTooFew(let limit, let needed):
            "Only \(limit) files may be open and maxclients needs \(needed): run "
                + "`ulimit -n \(needed)` before the server, or lower maxclients."
        case .kernelTooOld(let release):
            "The kernel is \(release) and Gyre needs \(Self.kernelOldest) or later: on Debian 12 "
                + "run `sudo apt-get install linux-image-amd64` and restart the machine."
        case .portInUse(let address, let port, let setting):
            "Another process listens on port \(port) of \(address): `ss -ltnp "
                + "'sport = :\(port)'` shows it; end it, or choose another port by --\(setting)."
        case .addressNotAvailable(let address):
            "This machine has no address \(address): `ip -brief address` lists those it has; "
                + "choose one by --host."
        case .portNotPermitted(let port, let setting):
            "Ports below 1024 need a privilege that this process lacks: choose another than "
                + "\(port) by --\(setting), or run "
                + "`sudo setcap cap_net_bind_service=+ep \"$(command -v gyre)\"`."
        case .dataInUse(let path):
            "Another process uses the data directory \(path): end it, or choose another directory "
                + "by --data-dir."
        case .dataUnusable(let path, let reason):
            "\(path) cannot be used for data (\(reason)): give the server the right to write "
                + "there, choose another directory by --data-dir, or keep nothing by "
                + "--persistence no."
        case .dataForeign(let path, let name):
            "The directory \(path) has something in it (\(name)) and no data of Gyre: choose an "
                + "empty or a new one by --data-dir."
        case .dataReadOnly(let path):
            "The file system of \(path) is read-only, and data cannot be kept there: "
                + "`findmnt --target \(path)` shows it; mount it for writing, choose another "
                + "directory by --data-dir, or keep nothing by --persistence no."
        case .dataWithoutRoom(let path, let reason):
            "The disk has no room for the data in \(path) (\(reason)), of which nothing is lost: "
                + "free some (each core begins a segment of 72 MiB), then start again."
        case .dataNotResharded(let path, let from, let to, let reason):
            "The data in \(path) is that of \(from) cores, and could not be written for \(to) "
                + "(\(reason)); it is as it was: see that there is room for as much again, or "
                + "start with --cores \(from)."
        case .dataOfNewerVersion(let path):
            "The data in \(path) was written by a newer version of Gyre: start that one."
        case .dataDamaged(let path, let fault):
            "The data in \(path) is damaged (\(fault)). Nothing was changed: "
                + "`gyre check \(path)` says what is sound."
        case .systemCallFailed(let name, let reason):
            "The system call \(name) failed (\(reason)): run the server with --loglevel debug and "
                + "report what it prints."
        }
    }

    /// `EX_OSERR` (71) for the machine, `EX_CONFIG` (78) where another setting avoids it; source:
    /// sysexits(3).
    public var exitCode: Int32 {
        switch self {
        case .portInUse, .addressNotAvailable, .portNotPermitted, .descriptorsTooFew: 78
        case .dataForeign, .dataOfNewerVersion: 78
        case .dataInUse: 75
        case .dataUnusable, .dataReadOnly, .dataWithoutRoom, .dataNotResharded: 73
        case .dataDamaged: 65
        default: 71
        }
    }
}
