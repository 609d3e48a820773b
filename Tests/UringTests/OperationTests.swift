import Glibc
import Testing
import Uring

@Suite struct OperationTests {
    @Test func acceptGivesADescriptorForEachConnection() throws {
        var loop = try Loop()
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0, backlog: 16)
        loop.uring.acceptMultishot(listener.descriptor, token: token(1))
        loop.uring.submit()
        for _ in 0..<3 {
            let near = try FileDescriptor.connected(
                host: "127.0.0.1", port: listener.address.port)
            let accepted = try loop.collect(1)[0]
            #expect(accepted.token == token(1))
            #expect(accepted.hasMore)
            let far = FileDescriptor(rawValue: accepted.result)
            #expect(near.peerAddress?.description == listener.address.description)
            #expect(far.peerAddress?.description == near.localAddress?.description)
            near.close()
            far.close()
        }
    }

    @Test func aReceiveLargerThanABufferIsSplitOverSeveral() throws {
        let connection = try Connection()
        var loop = try Loop(bufferCount: 8, bufferSize: 4096)
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        let sent = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        try unsafe sent.withUnsafeBytes { bytes in
            unsafe loop.uring.send(connection.far, bytes, token: token(3))
            var received: [UInt8] = []
            var sentCount = 0
            while received.count < sent.count || sentCount == 0 {
                let completion = try loop.collect(1)[0]
                if completion.token == token(3) {
                    sentCount = Int(completion.result)
                } else {
                    #expect(completion.result <= 4096)
                    #expect(completion.hasMore)
                    received += try loop.take(completion)
                }
            }
            #expect(sentCount == sent.count)
            #expect(received == sent)
        }
    }

    @Test func withoutBuffersAReceiveEndsAndCanBeArmedAgain() throws {
        let connection = try Connection()
        var loop = try Loop(bufferCount: 2, bufferSize: 64)
        let sent = (0..<200).map { UInt8($0) }
        try connection.far.write(sent)
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        let first = try loop.collect(3)
        #expect(first.map(\.result) == [64, 64, -ENOBUFS])
        #expect(first.map(\.hasMore) == [true, true, false])
        #expect(first[2].buffer == nil)
        var received = try loop.take(first[0]) + loop.take(first[1])
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        let second = try loop.collect(2)
        #expect(second.map(\.result) == [64, 8])
        received += try loop.take(second[0]) + loop.take(second[1])
        #expect(received == sent)
    }

    @Test func theEndOfThePeersBytesIsZeroAndTheOtherDirectionStillWorks() throws {
        let connection = try Connection()
        var loop = try Loop()
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        loop.uring.shutdown(connection.far, .send, token: token(4))
        let ends = try loop.collect(2)
        let received = try #require(ends.first { $0.token == token(2) })
        #expect(received.result == 0)
        #expect(!received.hasMore)
        #expect(try loop.send([1, 2, 3], to: connection.near) == 3)
    }

    @Test func sendingToAPeerThatIsGoneFailsWithoutASignal() throws {
        let connection = try Connection()
        var loop = try Loop()
        loop.uring.shutdown(connection.near, .both, token: token(4))
        #expect(try loop.collect(1)[0].result == 0)
        #expect(try loop.send([1, 2, 3], to: connection.near) == -EPIPE)
    }

    @Test func sendNowIsSilentUntilTheSocketIsFullAndThenTellsHowMuchWent() throws {
        let connection = try Connection()
        var loop = try Loop(bufferCount: 64, bufferSize: 16_384)
        let sent = [UInt8](repeating: 7, count: 1 << 20)
        var total = 0
        try unsafe sent.withUnsafeBytes { bytes in
            unsafe loop.uring.sendNow(
                connection.near, UnsafeRawBufferPointer(rebasing: bytes[..<100]), token: token(3))
            loop.uring.nop(token: token(1))
            #expect(try loop.collect(1).map(\.token) == [token(1)])
            var stopped: Int32?
            for _ in 0..<64 where stopped == nil {
                unsafe loop.uring.sendNow(connection.near, bytes, token: token(3))
                loop.uring.nop(token: token(1))
                let first = try loop.collect(1)[0]
                if first.token == token(3) {
                    stopped = first.result
                    #expect(try loop.collect(1)[0].token == token(1))
                } else {
                    total += bytes.count
                }
            }
            let rest = try #require(stopped, "64 MiB fit into the socket")
            #expect(rest == -EAGAIN || (1..<Int32(bytes.count)).contains(rest))
            total += 100 + Int(max(0, rest))
        }
        loop.uring.receiveMultishot(connection.far, group: Loop.group, token: token(2))
        var received = 0
        while received < total {
            let completion = try loop.collect(1)[0]
            if completion.isOutOfBuffers {
                loop.uring.receiveMultishot(connection.far, group: Loop.group, token: token(2))
            } else {
                received += try loop.take(completion).count
            }
        }
        #expect(received == total)
    }

    @Test func cancelEndsTheOperationThatItNames() throws {
        let connection = try Connection()
        var loop = try Loop()
        loop.uring.receiveMultishot(connection.near, group: Loop.group, token: token(2))
        loop.uring.receiveMultishot(connection.far, group: Loop.group, token: token(3))
        loop.uring.cancel(token(2), token: token(5))
        let ends = try loop.collect(2)
        #expect(ends.first { $0.token == token(5) }?.result == 0)
        #expect(ends.first { $0.token == token(2) }?.result == -ECANCELED)
        loop.uring.cancel(token(2), token: token(6))
        #expect(try loop.collect(1)[0].result == -ENOENT)
        loop.uring.cancelAll(on: connection.far, token: token(7))
        let rest = try loop.collect(2)
        #expect(rest.first { $0.token == token(7) }?.result == 1)
        #expect(rest.first { $0.token == token(3) }?.result == -ECANCELED)
    }

    @Test func closeGivesTheDescriptorBack() throws {
        var loop = try Loop()
        let signal = dup(0)
        loop.uring.close(FileDescriptor(rawValue: signal), token: token(1))
        #expect(try loop.collect(1)[0].result == 0)
        #expect(fcntl(signal, F_GETFD) == -1)
    }
}
