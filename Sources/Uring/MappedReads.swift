// Reading a mapped file where the disk fails, or where the file has become shorter, is no error
// that a call returns: the kernel sends SIGBUS. What is being read is noted here, so that the
// process ends with a sentence that names the file instead of silently.
//
// The handler only reads the table, writes, and ends the process, which a signal handler may do.
// Entries are written under a lock; the thread that reads a file has noted it before.

import Glibc

/// The mapped files of the process; see above.
@safe
enum MappedReads {
    @safe
    private struct Entry {
        /// Of the mapping; nil where the entry is free.
        var start: UnsafeRawPointer?
        var count: Int
        var sentence: UnsafeMutablePointer<CChar>?
    }

    private static let capacity = 1024
    private nonisolated(unsafe) static let entries: UnsafeMutablePointer<Entry> = {
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        unsafe entries.initialize(
            repeating: unsafe Entry(start: nil, count: 0, sentence: nil), count: capacity)
        installHandler()
        return unsafe entries
    }()
    private nonisolated(unsafe) static let lock: UnsafeMutablePointer<pthread_mutex_t> = {
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        return unsafe lock
    }()

    /// A file is mapped there. Where more than a thousand are, it is not noted.
    static func add(_ start: UnsafeRawPointer, _ count: Int, _ path: String) {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        for index in 0..<capacity where unsafe entries[index].start == nil {
            let sentence = """
                gyre: \(path) cannot be read to its end: the disk has failed, or the file became \
                shorter meanwhile. See what the kernel says (`dmesg`); `gyre check` reads all of \
                the data.

                """
            unsafe entries[index].sentence = strdup(sentence)
            unsafe entries[index].count = count
            unsafe entries[index].start = start
            return
        }
    }

    /// A file is not read any more.
    static func remove(_ start: UnsafeRawPointer) {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        for index in 0..<capacity where unsafe entries[index].start == start {
            unsafe entries[index].start = nil
            unsafe free(entries[index].sentence)
            return
        }
    }

    private static func installHandler() {
        var action = sigaction()
        action.sa_flags = SA_SIGINFO
        unsafe action.__sigaction_handler.sa_sigaction = { _, info, _ in
            unsafe MappedReads.end(at: info?.pointee._sifields._sigfault.si_addr)
        }
        unsafe sigaction(SIGBUS, &action, nil)
    }

    private static func end(at address: UnsafeMutableRawPointer?) {
        if let address = unsafe address {
            for index in 0..<capacity {
                guard let start = unsafe entries[index].start else { continue }
                let offset = unsafe UnsafeRawPointer(address) - start
                guard offset >= 0, unsafe offset < entries[index].count else { continue }
                if let sentence = unsafe entries[index].sentence {
                    _ = unsafe write(STDERR_FILENO, sentence, strlen(sentence))
                }
                _exit(Self.exitCode)
            }
        }
        // Nothing of ours: it comes again, and ends the process as it would have.
        signal(SIGBUS, SIG_DFL)
    }

    /// `EX_IOERR`; source: sysexits(3).
    private static let exitCode: Int32 = 74
}
