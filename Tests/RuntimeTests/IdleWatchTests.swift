import Testing

@testable import Runtime

/// When a loop stays awake for a moment before it sleeps.
struct IdleWatchTests {
    @Test func itPaysWhereMostWaitsAreShort() {
        var watch = IdleWatch()
        #expect(!watch.pays, "a loop that begins sleeps")
        for _ in 0..<20 { watch.note(idleNanoseconds: 3_000) }
        #expect(watch.pays)
        watch.note(idleNanoseconds: 1_000_000)
        #expect(watch.pays, "one long wait among short ones changes nothing")
        for _ in 0..<20 { watch.note(idleNanoseconds: 1_000_000) }
        #expect(!watch.pays, "an idle loop sleeps")
    }

    @Test func itIsNotKeptInVainMoreThanNowAndThen() {
        var watch = IdleWatch()
        for _ in 0..<20 { watch.note(idleNanoseconds: 0) }
        var vain = 0
        for _ in 0..<1_000 {
            if watch.pays { vain += 1 }
            // So long that a watch misses it, and so short that a sleep may have been most of it.
            watch.note(idleNanoseconds: 2 * IdleWatch.nanosecondsMax)
        }
        #expect(vain < 400)
    }
}
