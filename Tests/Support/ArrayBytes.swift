import Base

/// Calls `body` with a view of the array that lives as long as the call.
public func withBytes<Result, Failure: Error>(
    _ array: [UInt8], _ body: (Bytes) throws(Failure) -> Result
) throws(Failure) -> Result {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(array.count, 1), alignment: 8)
    defer { unsafe copy.deallocate() }
    unsafe copy.copyMemory(from: array, byteCount: array.count)
    return try unsafe body(Bytes(start: UnsafeRawPointer(copy), count: array.count))
}
