import Base
import Testing

struct HashSet64Tests {
    /// Few distinct values, so that members collide, go and come back; compared with Swift's own
    /// set.
    @Test
    func agreesWithSet() {
        var random = SplitMix64(seed: 7)
        var ours = HashSet64()
        var theirs: Set<UInt64> = []
        for step in 0..<200_000 {
            // Runs of neighbours in one place of the table, and zero.
            let hash = random.next() % 8 << 32 | random.next() % 96
            if random.next() % 2 == 0 {
                #expect(ours.insert(hash) == theirs.insert(hash).inserted)
            } else {
                #expect(ours.remove(hash) == (theirs.remove(hash) != nil))
            }
            if step % 1000 == 0 {
                #expect(ours.count == theirs.count)
                for high in 0..<8 as Range<UInt64> {
                    for low in 0..<96 as Range<UInt64> {
                        let probe = high << 32 | low
                        #expect(ours.contains(probe) == theirs.contains(probe))
                    }
                }
            }
        }
    }
}
