import Base
import CXXHash

/// The hash under which all bytes on disk stand.
package enum Checksum {
    /// XXH3-64 of `bytes`.
    package static func of(_ bytes: Bytes) -> UInt64 {
        unsafe gyre_xxh3(bytes.start, bytes.count, 0)
    }
}
