import Glibc
import Settings
import Uring

/// Looks, before anything is served, for what would stop the node later.
enum StartupCheck {
    /// - Throws: the first obstacle found.
    static func run(_ settings: ServerSettings) throws(StartupObstacle) {
        let kernel = KernelSupport.probe()
        if kernel.version < .oldestSupported { throw .kernelTooOld(release: kernel.release) }
        if let refusal = kernel.ringRefusal { throw obstacle(refusal) }
        if !kernel.missingOperations.isEmpty {
            throw .systemCallFailed(
                name: "io_uring_enter", reason: "the kernel lacks \(kernel.missingOperations)")
        }
        let needed = settings.clientCountMax + descriptorsBesideClients(settings)
        let limit = ResourceLimit.raiseOpenFiles().soft
        if limit < UInt64(needed) {
            throw .descriptorsTooFew(limit: Int(clamping: limit), needed: needed)
        }
    }

    /// Standard streams, listeners, and a ring and an eventfd for each core, with some to spare.
    private static func descriptorsBesideClients(_ settings: ServerSettings) -> Int {
        32 + settings.coreCount * (4 + settings.addresses.count)
    }

    /// The operator's side of why a ring could not be made.
    static func obstacle(_ error: UringSetupError) -> StartupObstacle {
        switch error {
        case .forbidden:
            let value = disabledSetting
            return value > 0
                ? .uringDisabledBySysctl(value: value) : .uringForbiddenBySeccomp
        case .notInKernel: return .uringForbiddenBySeccomp
        case .kernelTooOld: return .kernelTooOld(release: KernelSupport.probe().release)
        case .lockedMemoryLimit:
            let limit = KernelSupport.probe().lockedMemory.soft
            return .lockedMemoryTooLow(limitBytes: limit, neededBytes: lockedBytesNeeded)
        case .descriptorLimit:
            let limit = KernelSupport.probe().openFiles.soft
            return .descriptorsTooFew(
                limit: Int(clamping: limit), needed: Int(clamping: limit) + 64)
        case .other(let code):
            return .systemCallFailed(
                name: "io_uring_setup", reason: SystemError.message(code))
        }
    }

    /// What a core's ring and its registered buffers pin.
    private static let lockedBytesNeeded: UInt64 = 64 << 20

    /// kernel.io_uring_disabled; 0 on kernels without it.
    private static var disabledSetting: Int {
        let descriptor = unsafe open("/proc/sys/kernel/io_uring_disabled", O_RDONLY)
        if descriptor < 0 { return 0 }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        let count = unsafe read(descriptor, &byte, 1)
        return count == 1 ? Int(byte) - 48 : 0
    }
}

/// The numbers of `errno` that completions carry and the loop tells apart.
enum SystemErrorNumber {
    static let noBuffers = ENOBUFS
    static let cancelled = ECANCELED
}
