import Foundation
import Synchronization
import Testing
import Uring

@Suite struct WakeTests {
    @Test func aRingWakesAnotherThreadsRing() throws {
        let target = Atomic<Int32>(-1)
        let got = Mutex<[String]>([])
        let sleeper = Thread {
            guard var loop = try? Loop() else { return }
            target.store(loop.uring.descriptor.rawValue, ordering: .releasing)
            guard let completion = try? loop.collect(1).first else { return }
            got.withLock { $0.append("\(completion.token.rawValue) \(completion.result)") }
            target.store(-2, ordering: .releasing)
        }
        sleeper.start()
        try waitUntil { target.load(ordering: .acquiring) >= 0 }
        var loop = try Loop()
        loop.uring.wakeRing(
            FileDescriptor(rawValue: target.load(ordering: .acquiring)), result: 42,
            token: OperationToken(rawValue: 77), sourceToken: token(9))
        loop.uring.nop(token: token(1))
        // Success leaves no completion at the source: only the mark arrives.
        #expect(try loop.collect(1).map(\.token) == [token(1)])
        try waitUntil { target.load(ordering: .acquiring) == -2 }
        #expect(got.withLock { $0 } == ["77 42"])
    }

    @Test func aWakeThatFailsIsReportedAtItsSource() throws {
        var loop = try Loop()
        let signal = try EventSignal()
        loop.uring.wakeRing(
            signal.descriptor, result: 0, token: token(1), sourceToken: token(9))
        let failure = try loop.collect(1)[0]
        #expect(failure.token == token(9))
        #expect(failure.result == -EBADFD)
    }

    @Test func anEventSignalWakesTheLoopEachTime() throws {
        var loop = try Loop()
        let signal = try EventSignal()
        loop.uring.pollMultishot(signal.descriptor, token: token(3))
        loop.uring.submit()
        #expect(signal.consume() == false)
        let descriptor = signal.descriptor
        for _ in 0..<3 {
            let other = Thread { EventSignal.notify(descriptor) }
            other.start()
            let woken = try loop.collect(1)[0]
            #expect(woken.token == token(3))
            #expect(woken.hasMore)
            #expect(signal.consume() == true)
            #expect(signal.consume() == false)
        }
    }

    @Test func pendingKernelWorkShowsBeforeAWait() throws {
        let connection = try Connection()
        var loop = try Loop()
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        loop.uring.submitAndRunTaskWork()
        #expect(loop.uring.needsTaskRun == false)
        try connection.far.write([1])
        try waitUntil { loop.uring.needsTaskRun }
        #expect(loop.uring.completions().count == 0)
        loop.uring.submitAndRunTaskWork()
        #expect(loop.uring.completions().count == 1)
        #expect(loop.uring.needsTaskRun == false)
    }

    private func waitUntil(_ condition: () -> Bool) throws {
        let deadline = Clocks.monotonicNanoseconds() + 10_000_000_000
        while !condition() {
            try #require(Clocks.monotonicNanoseconds() < deadline, "nothing in ten seconds")
            sched_yield()
        }
    }
}
