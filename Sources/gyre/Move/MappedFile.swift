import Base
import Glibc

/// A file's bytes where the kernel has them: however large the file, little memory is taken.
struct MappedFile: ~Copyable {
    let bytes: Bytes

    /// - Throws: ``MoveFailure``.
    init(_ path: String) throws(MoveFailure) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard file >= 0, unsafe fstat(file, &status) == 0 else {
            let reason = FileError(code: errno)
            if file >= 0 { close(file) }
            throw MoveFailure("\(path) cannot be read: \(reason).", EX_NOINPUT)
        }
        defer { close(file) }
        let size = Int(status.st_size)
        if size == 0 {
            throw MoveFailure("\(path) is empty, and so no RDB file.", EX_DATAERR)
        }
        let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else {
            throw MoveFailure("\(path) cannot be read: \(FileError(code: errno)).", EX_NOINPUT)
        }
        unsafe madvise(start, size, MADV_SEQUENTIAL)
        bytes = unsafe Bytes(start: start, count: size)
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.start), bytes.count)
    }
}
