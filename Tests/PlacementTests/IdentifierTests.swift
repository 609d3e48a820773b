import Base
import Testing

@testable import Placement

struct IdentifierTests {
    @Test func nodeIDsReadWhatTheyPrint() {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<1_000 {
            let id = NodeID(using: &generator)
            #expect(id.description.utf8.count == NodeID.digitCount)
            #expect(NodeID(id.description) == id)
        }
        let text = "00112233445566778899aabbccddeeff01234567"
        #expect(NodeID(text)?.description == text)
    }

    @Test(arguments: [
        "", "0", "00112233445566778899aabbccddeeff0123456",
        "00112233445566778899aabbccddeeff012345678",
        "00112233445566778899AABBCCDDEEFF01234567", "g0112233445566778899aabbccddeeff01234567",
    ])
    func otherTextIsNoNodeID(text: String) {
        #expect(NodeID(text) == nil)
    }

    @Test func nodeIDsAreOrderedAsTheirText() {
        var generator = SplitMix64(seed: 4)
        let ids = (0..<500).map { _ in NodeID(using: &generator) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}
