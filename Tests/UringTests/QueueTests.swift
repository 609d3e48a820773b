import Glibc
import Testing
import Uring

@Suite struct QueueTests {
    @Test func aFullSubmissionQueueIsSubmittedAndNothingIsLost() throws {
        var loop = try Loop(submissions: 8)
        for index in 0..<1000 {
            loop.uring.nop(token: OperationToken(kind: 1, generation: 0, index: UInt32(index)))
        }
        let indices = try loop.collect(1000).map(\.token.index)
        #expect(indices == Array(0..<1000))
    }

    @Test func timeoutsBeyondTheSubmissionQueueKeepTheirOwnDeadlines() throws {
        var loop = try Loop(submissions: 8)
        let start = Clocks.monotonicNanoseconds()
        for index in 0..<32 {
            loop.uring.timeout(
                .at(nanoseconds: start + UInt64(32 - index) * 1_000_000),
                token: OperationToken(kind: 1, generation: 0, index: UInt32(index)))
        }
        #expect(try loop.collect(32).map(\.token.index) == (0..<32).reversed())
    }

    @Test func completionsNotWalkedAreSeenAgain() throws {
        var loop = try Loop()
        for kind in 1...3 { loop.uring.nop(token: token(UInt8(kind))) }
        loop.uring.submitAndWait(for: 3)
        var batch = loop.uring.completions()
        #expect(batch.count == 3)
        #expect(batch.next()?.token == token(1))
        loop.uring.retire(batch)
        var rest = loop.uring.completions()
        #expect(rest.count == 2)
        #expect(rest.next()?.token == token(2))
        #expect(rest.next()?.token == token(3))
        #expect(rest.next()?.token == nil)
        loop.uring.retire(rest)
        #expect(loop.uring.completions().count == 0)
    }

    @Test func moreCompletionsThanTheQueueHoldsAreNotLost() throws {
        var uring = try Uring(submissions: 8, completions: 16)
        for _ in 0..<100 { uring.nop(token: token(1)) }
        var seen = 0
        for _ in 0..<100 where seen < 100 {
            uring.submitAndRunTaskWork()
            var batch = uring.completions()
            while batch.next() != nil { seen += 1 }
            uring.retire(batch)
        }
        #expect(seen == 100)
    }

    @Test func aTokenKeepsItsThreeParts() {
        let token = OperationToken(kind: 0xAB, generation: 0xFF12_3456, index: 0xDEAD_BEEF)
        #expect(token.kind == 0xAB)
        #expect(token.generation == 0x12_3456)
        #expect(token.index == 0xDEAD_BEEF)
        #expect(token.rawValue == 0xAB12_3456_DEAD_BEEF)
    }
}
