import Base
import CXXHash

extension NodeID {
    /// XXH3 of the id under `index` as the seed: decides between equal choices, so that ties fall
    /// differently for every node and every ring, and the same on every machine.
    func hash(index: Int) -> UInt64 {
        let words: InlineArray<3, UInt64> = [
            high.bigEndian, middle.bigEndian, UInt64(low).bigEndian,
        ]
        return unsafe words.span.withUnsafeBytes { bytes in
            unsafe gyre_xxh3(bytes.baseAddress, bytes.count, UInt64(bitPattern: Int64(index)))
        }
    }
}
