import Base

/// A copy of a view.
func bytes(_ view: Bytes) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(view.count)
    for index in 0..<view.count { copy.append(view[index]) }
    return copy
}
