import Base
import Testing

@testable import Wire

/// A silent link is pinged, then lost; one that is not silent is left alone.
struct PulseTests {
    @Test func silenceIsPingedThenLost() {
        var pulse = LinkPulse(now: 10_000)
        var seen: [(Int64, LinkPulse.Step)] = []
        var now: Int64 = 10_000
        while seen.last?.1 != .lost {
            now = pulse.nextTick
            let before = pulse.tick(now: now - 1)
            #expect(before == .none)
            seen.append((now, pulse.tick(now: now)))
        }
        #expect(seen.map(\.0) == [11_000, 12_000, 13_000, 14_000])
        #expect(seen.map(\.1) == [.ping, .ping, .ping, .lost])
    }

    @Test func whateverComesKeepsALink() {
        var pulse = LinkPulse(now: 0)
        for round in 1...10 {
            let step = pulse.tick(now: Int64(round) * 3_999)
            #expect(step == .ping)
            pulse.onReceived(now: Int64(round) * 3_999)
            #expect(pulse.nextTick == Int64(round) * 3_999 + WireLimits.pingMilliseconds)
        }
    }

    /// The process itself was stopped: it finds the link silent, but asks before it gives it up
    /// only if the time is not over.
    @Test func aLatePulseIsStillRight() {
        var pulse = LinkPulse(now: 0)
        let late = pulse.tick(now: 60_000)
        #expect(late == .lost)
        pulse.onReceived(now: 60_000)
        #expect(pulse.nextTick == 61_000)
    }
}
