import Base
import Glibc
import TestSupport
import Testing

@testable import Wire

/// What frames cost, in CPU time of the thread. Prints, and asserts only what does not depend on
/// the machine's speed; the figures are in docs/internals/wire.md.
@Suite(.serialized) struct CostTests {
    /// Nanoseconds of CPU time that this thread has used.
    private func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Writes and reads batches of so many GETs; nanoseconds of a frame for each side, the best of
    /// some runs.
    private func measure(secret: String?, requests: Int) -> (writing: UInt64, reading: UInt64) {
        var pair = Pair.established(forwarding, secret: secret)
        var output = OutputBuffer(capacity: 1 << 20)
        var best = (writing: UInt64.max, reading: UInt64.max)
        let frames: UInt64 = 50
        for _ in 0..<20 {
            output.removeAll()
            let start = now()
            for _ in 0..<frames { write(requests, &pair.initiator.link, &output) }
            let middle = now()
            let read = read(output.bytes, &pair.acceptor)
            best.reading = min(best.reading, (now() - middle) / frames)
            best.writing = min(best.writing, (middle - start) / frames)
            #expect(read == requests * Int(frames))
        }
        return best
    }

    private func write(_ requests: Int, _ link: inout Link, _ output: inout OutputBuffer) {
        let content = Bytes("*2\r\n$3\r\nGET\r\n$16\r\nkey:000000001234\r\n")
        link.beginFrame(.forwardRequests, into: &output)
        ForwardRequestBatch.begin(RingEpoch(9), in: &output)
        for number in 0..<requests {
            ForwardRequest(
                id: RequestID(UInt64(number)), client: 42, millisecondsLeft: 0, flags: [],
                replyProtocol: .resp2, content: content
            ).append(to: &output)
        }
        link.endFrame(into: &output)
    }

    private func read(_ bytes: Bytes, _ side: inout Side) -> Int {
        var (input, count) = (bytes, 0)
        while case .frame(let frame) = side.link.next(&input, into: &side.output) {
            guard var batch = try? ForwardRequestBatch(frame.body) else { return 0 }
            while let item = batch.next() { count += item.content.count > 0 ? 1 : 0 }
        }
        return count
    }

    @Test func framesOfForwardedRequests() {
        for secret in [nil, someSecret] {
            for requests in [1, 16, 64, 256] {
                let cost = measure(secret: secret, requests: requests)
                print(
                    secret == nil ? "checksum," : "MAC,", "\(requests) requests a frame:",
                    "written in \(cost.writing) ns, read in \(cost.reading) ns")
            }
        }
    }

    @Test func largeFrames() {
        for secret in [nil, someSecret] {
            var pair = Pair.established(
                .slots(from: CoreIndex(0), to: CoreIndex(0)), secret: secret)
            var output = OutputBuffer(capacity: 1 << 21)
            var best = (writing: UInt64.max, reading: UInt64.max)
            withBytes([UInt8](repeating: 7, count: WireLimits.batchSize)) { body in
                for _ in 0..<20 {
                    output.removeAll()
                    let start = now()
                    pair.initiator.link.send(.slotRecords, body, into: &output)
                    let middle = now()
                    var input = output.bytes
                    let step = pair.acceptor.link.next(&input, into: &pair.acceptor.output)
                    best.reading = min(best.reading, now() - middle)
                    best.writing = min(best.writing, middle - start)
                    guard case .frame = step else {
                        Issue.record("no frame")
                        return
                    }
                }
            }
            print(
                secret == nil ? "checksum," : "MAC,", "a frame of 64 KiB:",
                "written in \(best.writing) ns, read in \(best.reading) ns")
        }
    }

    @Test func handshakes() {
        var best = UInt64.max
        for round in 0..<200 {
            let start = now()
            var pair = Pair(seed: UInt64(round))
            _ = pair.run()
            best = min(best, now() - start)
            #expect(pair.acceptor.link.isOpen == true)
        }
        print("a handshake, both sides: \(best / 1_000) µs")
        print("a link: \(MemoryLayout<Link>.size) bytes")
    }
}
