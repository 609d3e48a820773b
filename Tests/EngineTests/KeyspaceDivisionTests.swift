import Base
import Testing

@testable import Engine

/// Slots' tables divide at full size, at a size that depends on the slot.
@Suite struct KeyspaceDivisionTests {
    @Test(arguments: [0, 1, 7, 8191, 16_383] as [UInt16])
    func everyKeyIsFoundAfterDivisions(slot: UInt16) {
        let count = 20_000
        var keyspace = Keyspace(seed: 5)
        keyspace.now = 1_000
        for number in 0..<count {
            withKey(number) { bytes in
                let key = KeyReference(
                    bytes: bytes, hash: keyspace.hash(of: bytes), slot: slot)
                let deadline: DeadlineChange = number % 100 == 0 ? .set(5_000) : .clear
                keyspace.insert(key, .integer(Int64(number)), deadline)
            }
            if number % 1_000 == 0 { keyspace.checkInvariants() }
        }
        keyspace.checkInvariants()
        #expect(keyspace.count == count)
        #expect(keyspace.nextDeadline == 5_000)
        for number in 0..<count {
            withKey(number) { bytes in
                let key = KeyReference(
                    bytes: bytes, hash: keyspace.hash(of: bytes), slot: slot)
                let found = keyspace.lookUp(key)?.entry.integer
                #expect(found == Int64(number))
            }
        }
        keyspace.now = 5_000
        let isDone = keyspace.expireDue(budget: .max)
        #expect(isDone)
        #expect(keyspace.count == count - count / 100)
        keyspace.checkInvariants()
    }

    private func withKey(_ number: Int, _ body: (Bytes) -> Void) {
        unsafe Array("key:\(number)".utf8).withUnsafeBytes { unsafe body(Bytes($0)) }
    }
}
