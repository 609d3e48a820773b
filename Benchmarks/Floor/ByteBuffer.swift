/// Bytes that grow at the end and leave at the front. Not owned by a value: connections are reused and
/// the process ends with them, so nothing is ever freed.
@safe
struct ByteBuffer {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    init() {}

    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base, count: count)
    }

    @inline(__always)
    mutating func append(_ source: UnsafeRawPointer, _ length: Int) {
        if count + length > capacity { grow(for: length) }
        unsafe (base.unsafelyUnwrapped + count).copyMemory(from: source, byteCount: length)
        count += length
    }

    mutating func removeFirst(_ length: Int) {
        count -= length
        if count == 0 { return }
        let start = unsafe base.unsafelyUnwrapped
        unsafe start.copyMemory(from: start + length, byteCount: count)
    }

    mutating func removeAll() {
        count = 0
    }

    private mutating func grow(for length: Int) {
        capacity = (count + length) * 2
        let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
        if let base = unsafe base {
            unsafe grown.copyMemory(from: base, byteCount: count)
            unsafe base.deallocate()
        }
        unsafe base = unsafe grown
    }
}
