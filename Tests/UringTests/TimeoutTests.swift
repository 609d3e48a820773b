import Glibc
import Testing
import Uring

@Suite struct TimeoutTests {
    @Test func aTimeoutFiresNotBeforeItsDeadline() throws {
        var loop = try Loop()
        let start = Clocks.monotonicNanoseconds()
        loop.uring.timeout(.after(nanoseconds: 3_000_000), token: token(1))
        loop.uring.timeout(.at(nanoseconds: start + 2_000_000), token: token(2))
        let fired = try loop.collect(2)
        #expect(fired.map(\.token) == [token(2), token(1)])
        #expect(fired.map(\.result) == [-ETIME, -ETIME])
        #expect(Clocks.monotonicNanoseconds() >= start + 3_000_000)
    }

    @Test func aTimeoutCanBeMovedAndRemoved() throws {
        var loop = try Loop()
        let hour: UInt64 = 3_600_000_000_000
        loop.uring.timeout(.after(nanoseconds: hour), token: token(1))
        loop.uring.timeout(.after(nanoseconds: hour), token: token(2))
        loop.uring.updateTimeout(token(1), to: .after(nanoseconds: 1000), token: token(3))
        loop.uring.removeTimeout(token(2), token: token(4))
        let ends = try loop.collect(4)
        #expect(ends.first { $0.token == token(1) }?.result == -ETIME)
        #expect(ends.first { $0.token == token(2) }?.result == -ECANCELED)
        #expect(ends.first { $0.token == token(3) }?.result == 0)
        #expect(ends.first { $0.token == token(4) }?.result == 0)
        loop.uring.removeTimeout(token(2), token: token(5))
        #expect(try loop.collect(1)[0].result == -ENOENT)
    }

    @Test func aWaitWithATimeoutEndsWithoutCompletions() throws {
        var loop = try Loop()
        let start = Clocks.monotonicNanoseconds()
        loop.uring.submitAndWait(for: 1, timeoutNanoseconds: 2_000_000)
        #expect(Clocks.monotonicNanoseconds() >= start + 2_000_000)
        #expect(loop.uring.completions().count == 0)
    }
}
