import Glibc
import Testing
import Uring

@Suite struct EnvironmentTests {
    /// False on a machine without IPv6.
    static let hasIPv6 = (try? ListeningSocket(host: "::1", port: 0, backlog: 16).address) != nil

    @Test(arguments: hasIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"])
    func aListenerTellsThePortThatItGot(host: String) throws {
        let listener = try ListeningSocket(host: host, port: 0, backlog: 16)
        #expect(listener.address.host == host)
        #expect(listener.address.port != 0)
        let near = try FileDescriptor.connected(host: host, port: listener.address.port)
        near.setNoDelay()
        near.setKeepAlive(idleSeconds: 300)
        let text = host == "::1" ? "[::1]" : host
        #expect(near.peerAddress?.description == "\(text):\(listener.address.port)")
        near.close()
    }

    @Test func aTakenPortAndAnImpossibleHostAreTold() throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0, backlog: 16)
        #expect(throws: SystemError(call: "bind", code: EADDRINUSE)) {
            _ = try ListeningSocket(host: "127.0.0.1", port: listener.address.port, backlog: 16)
        }
        #expect(throws: SystemError(call: "getaddrinfo", code: EADDRNOTAVAIL)) {
            _ = try ListeningSocket(host: "300.0.0.1", port: 0, backlog: 16)
        }
        #expect(throws: SystemError(call: "bind", code: EADDRNOTAVAIL)) {
            _ = try ListeningSocket(host: "192.0.2.1", port: 0, backlog: 16)
        }
    }

    @Test func anErrorSpeaks() {
        #expect("\(SystemError(call: "bind", code: EADDRINUSE))" == "bind: Address already in use")
    }

    @Test func cpuSetsAreWalkedInOrder() {
        var set = CPUSet()
        #expect(set.next(after: -1) == nil)
        for cpu in [8191, 3, 64, -1, 8192] { set.insert(cpu) }
        #expect(set.count == 3)
        #expect(set.next(after: -1) == 3)
        #expect(set.next(after: 3) == 64)
        #expect(set.next(after: 64) == 8191)
        #expect(set.next(after: 8191) == nil)
    }

    @Test func pinningBindsTheThreadWithinWhatIsAllowed() throws {
        let allowed = try CPUSet.allowed()
        let first = try #require(allowed.next(after: -1))
        var one = CPUSet()
        one.insert(first)
        try one.pinCallingThread()
        let pinned = try CPUSet.allowed()
        #expect(pinned.count == 1)
        #expect(pinned.contains(first))
        try allowed.pinCallingThread()
        #expect(throws: SystemError(call: "sched_setaffinity", code: EINVAL)) {
            try CPUSet().pinCallingThread()
        }
    }

    @Test func clocksAdvance() {
        let monotonic = Clocks.monotonicNanoseconds()
        let cpu = Clocks.threadCPUNanoseconds()
        while Clocks.threadCPUNanoseconds() < cpu + 100_000 {}
        #expect(Clocks.monotonicNanoseconds() >= monotonic + 100_000)
        #expect(Clocks.realTimeNanoseconds() > 1_700_000_000_000_000_000)
    }

    @Test func thisKernelIsProbed() {
        let support = KernelSupport.probe()
        #expect(support.version >= .oldestSupported)
        #expect(support.ringRefusal == nil)
        #expect(support.missingOperations == "")
        #expect(support.openFiles.soft > 0)
        let raised = ResourceLimit.raiseOpenFiles()
        #expect(raised.soft == raised.hard)
        #expect(raised.hard == support.openFiles.hard)
    }

    @Test func versionsAreReadAndOrdered() {
        #expect(KernelVersion(release: "6.1.0-18-amd64") == KernelVersion(major: 6, minor: 1))
        #expect(KernelVersion(release: "6.12-rc3") == KernelVersion(major: 6, minor: 12))
        #expect(KernelVersion(release: "") == KernelVersion(major: 0, minor: 0))
        #expect(KernelVersion(major: 5, minor: 19) < .oldestSupported)
        #expect(KernelVersion(major: 6, minor: 12) > .oldestSupported)
    }

    @Test func aGroupNumberCannotBeUsedTwice() throws {
        let loop = try Loop()
        #expect(throws: UringSetupError.other(code: EEXIST)) {
            _ = try BufferRing(on: loop.uring, group: Loop.group, count: 8, bufferSize: 64)
        }
    }
}
