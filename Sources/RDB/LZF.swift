import Base

/// The compression of strings in RDB: literal runs, and copies of what came within the last 8 KiB.
///
/// A byte below 32 announces so many literals and one more. Any other has a copy's length less 2 in
/// its upper three bits (7: a further byte adds to it) and the upper five bits of its distance less
/// 1 in the rest; the last byte has the distance's lower eight.
enum LZF {
    /// Appends what `compressed` stands for, which must be `length` bytes.
    static func decompress(
        _ compressed: Bytes, length: UInt64, to output: inout OutputBuffer
    ) throws(PayloadError) {
        // A copy of three bytes yields at most 264.
        if length > 264 * UInt64(compressed.count) { throw .badFormat }
        let start = output.count
        let end = start + Int(length)
        var reader = ByteReader(compressed)
        while reader.remaining > 0 {
            let control = try reader.byte()
            if control < 32 {
                let literals = try reader.take(UInt64(control) + 1)
                if output.count + literals.count > end { throw .badFormat }
                output.append(literals)
                continue
            }
            var count = Int(control >> 5) + 2
            if control >> 5 == 7 { count += Int(try reader.byte()) }
            let distance = Int(control & 0x1F) << 8 + Int(try reader.byte()) + 1
            if distance > output.count - start { throw .badFormat }
            if output.count + count > end { throw .badFormat }
            // The copy may reach into itself, so it goes byte by byte.
            for _ in 0..<count { output.append(output.bytes[output.count - distance]) }
        }
        if output.count != end { throw .badFormat }
    }
}
