import Glibc
import Testing
import Uring

/// A ring with provided buffers, as a core has them, and the patience that tests need.
struct Loop: ~Copyable {
    static let group = BufferGroup(rawValue: 7)
    var uring: Uring
    var buffers: BufferRing

    init(submissions: UInt32 = 64, bufferCount: Int = 8, bufferSize: Int = 4096) throws {
        let uring = try Uring(submissions: submissions, completions: 4096)
        buffers = try BufferRing(
            on: uring, group: Loop.group, count: bufferCount, bufferSize: bufferSize)
        self.uring = uring
    }

    /// Enters until `count` completions have come, and walks just these; fails the test after ten
    /// seconds.
    mutating func collect(_ count: Int) throws -> [Completion] {
        var collected: [Completion] = []
        let deadline = Clocks.monotonicNanoseconds() + 10_000_000_000
        while collected.count < count {
            uring.submitAndWait(for: 1, timeoutNanoseconds: 100_000_000)
            var batch = uring.completions()
            while collected.count < count, let completion = batch.next() {
                collected.append(completion)
            }
            uring.retire(batch)
            try #require(
                Clocks.monotonicNanoseconds() < deadline,
                "\(collected.count) of \(count) completions in ten seconds")
        }
        return collected
    }

    /// Sends and waits for the result, as the only operation in flight.
    mutating func send(_ bytes: [UInt8], to socket: FileDescriptor) throws -> Int32 {
        let storage = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count, alignment: 1)
        defer { unsafe storage.deallocate() }
        unsafe storage.copyBytes(from: bytes)
        unsafe uring.send(socket, UnsafeRawBufferPointer(storage), token: token(3))
        return try collect(1)[0].result
    }

    /// The bytes that a receive brought; gives its buffer back.
    mutating func take(_ completion: Completion) throws -> [UInt8] {
        let id = try #require(completion.buffer)
        let bytes = unsafe Array(buffers.received(id, length: Int(completion.result)))
        buffers.recycle(id)
        buffers.publish()
        return bytes
    }
}

/// Both ends of a connection over loopback, made without the ring.
struct Connection: ~Copyable {
    let near: FileDescriptor
    let far: FileDescriptor

    init() throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0, backlog: 16)
        let connected = try FileDescriptor.connected(
            host: "127.0.0.1", port: listener.address.port)
        var loop = try Loop()
        loop.uring.acceptMultishot(listener.descriptor, token: OperationToken(rawValue: 1))
        let accepted = try loop.collect(1)
        near = connected
        far = FileDescriptor(rawValue: accepted[0].result)
    }

    deinit {
        near.close()
        far.close()
    }
}

func token(_ kind: UInt8) -> OperationToken {
    OperationToken(kind: kind, generation: 0, index: 0)
}

extension FileDescriptor {
    /// Writes a few bytes that fit the socket's buffer, without a ring.
    func write(_ bytes: [UInt8]) throws {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.write(rawValue, bytes.baseAddress, bytes.count)
        }
        try #require(count == bytes.count)
    }
}
