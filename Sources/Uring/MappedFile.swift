import Base
import Glibc

/// A file's bytes where the kernel has them: however large the file, little memory is taken.
@safe
public struct MappedFile: ~Copyable {
    /// All of the file, to be read from front to back; they live as long as this value.
    public let bytes: Bytes

    /// Maps the file at `path`. Where the disk cannot read it, or it becomes shorter meanwhile, the
    /// process ends with a sentence that names it.
    ///
    /// - Throws: also where there is no such file, or a folder.
    public init(_ path: String) throws(SystemError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 { throw SystemError(call: "open") }
        defer { close(file) }
        var status = stat()
        if unsafe fstat(file, &status) != 0 { throw SystemError(call: "fstat") }
        let size = Int(status.st_size)
        if size == 0 {
            bytes = Bytes()
            return
        }
        let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else {
            throw SystemError(call: "mmap")
        }
        unsafe madvise(start, size, MADV_SEQUENTIAL)
        unsafe MappedReads.add(start, size, path)
        bytes = unsafe Bytes(start: start, count: size)
    }

    deinit {
        if bytes.isEmpty { return }
        unsafe MappedReads.remove(bytes.start)
        unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.start), bytes.count)
    }
}
