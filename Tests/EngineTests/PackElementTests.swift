import Base
import Testing

@testable import Engine

/// Elements of packs, as bytes and back.
struct PackElementTests {
    private static let edges: [Int64] = [
        0, 1, 22, 23, 127, 128, 255, 256, 4_095, 4_096, 32_767, 32_768, 8_388_607, 8_388_608,
        2_147_483_647, 2_147_483_648, .max,
    ]

    @Test func integersReadAsTheyWereWritten() {
        for edge in Self.edges {
            for integer in [edge, -edge, -edge &- 1, edge &- 1] {
                let encoding = PackEncoding(integer)
                unsafe withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { room in
                    let start = room.baseAddress!
                    unsafe encoding.write(to: start)
                    #expect(unsafe PackEncoding.size(at: start) == encoding.size)
                    guard case .integer(let read) = unsafe PackEncoding.read(at: start) else {
                        Issue.record("\(integer) is read as no integer")
                        return
                    }
                    #expect(read == integer)
                }
            }
        }
    }

    /// As docs/internals/collections.md has it.
    @Test(arguments: [
        (-1, 1), (22, 1), (23, 2), (-128, 2), (127, 2), (128, 2), (4_095, 2), (4_096, 3), (-129, 3),
        (32_767, 3), (32_768, 4), (-8_388_608, 4), (8_388_607, 4), (8_388_608, 5), (1 << 40, 9),
    ])
    func integersTakeTheShortestForm(integer: Int, size: Int) {
        #expect(PackEncoding(Int64(integer)).size == size)
    }

    @Test func everyFirstByteHasASize() {
        for first in UInt8(0)...239 {
            var bytes = [UInt8](repeating: 0, count: 8)
            bytes[0] = first
            unsafe bytes.withUnsafeBytes { buffer in
                #expect(unsafe PackEncoding.size(at: buffer.baseAddress!) > 0)
            }
        }
    }
}
