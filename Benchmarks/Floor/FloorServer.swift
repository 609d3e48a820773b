import Uring

/// One loop on one ring: multishot accept and receive into provided buffers, the replies of a turn
/// gathered per connection and sent with the next enter, one send in flight per connection.
@safe
struct FloorServer: ~Copyable {
    private static let connectionsMax = 4096
    private static let group = BufferGroup(rawValue: 0)

    private var uring: Uring
    private var buffers: BufferRing
    private let listener: ListeningSocket
    /// By descriptor.
    private let connections: UnsafeMutablePointer<FloorConnection>
    /// Connections that may have something to send when the turn ends, each once.
    private let dirty: UnsafeMutablePointer<Int32>
    private var dirtyCount = 0

    init(port: UInt16) throws {
        let uring = try Uring(submissions: 2048, completions: 8192)
        let listener = try ListeningSocket(host: "127.0.0.1", port: port, backlog: 1024)
        buffers = try BufferRing(on: uring, group: Self.group, count: 1024, bufferSize: 16384)
        self.uring = uring
        self.listener = listener
        unsafe connections = .allocate(capacity: Self.connectionsMax)
        unsafe connections.initialize(repeating: FloorConnection(), count: Self.connectionsMax)
        unsafe dirty = .allocate(capacity: Self.connectionsMax)
    }

    mutating func run() {
        uring.acceptMultishot(listener.descriptor, token: token(.accept, 0))
        while true {
            uring.submitAndWait(for: 1)
            var batch = uring.completions()
            while let completion = batch.next() { handle(completion) }
            uring.retire(batch)
            buffers.publish()
            sendReplies()
        }
    }

    @inline(__always)
    private mutating func handle(_ completion: Completion) {
        let descriptor = Int32(bitPattern: completion.token.index)
        switch Operation(rawValue: completion.token.kind) {
        case .receive: received(completion, on: descriptor)
        case .send: sent(on: descriptor)
        case .accept: accepted(completion.result)
        case nil: break
        }
    }

    private mutating func accepted(_ result: Int32) {
        if result < 0 { return }
        let socket = FileDescriptor(rawValue: result)
        if result >= Self.connectionsMax { return socket.close() }
        socket.setNoDelay()
        unsafe connections[Int(result)].open()
        receive(on: result)
    }

    @inline(__always)
    private mutating func received(_ completion: Completion, on descriptor: Int32) {
        guard let id = completion.buffer, completion.result > 0 else {
            return receiveEnded(completion, on: descriptor)
        }
        let bytes = unsafe buffers.received(id, length: Int(completion.result))
        unsafe connections[Int(descriptor)].answer(bytes)
        buffers.recycle(id)
        markDirty(descriptor)
        if !completion.hasMore { receive(on: descriptor) }
    }

    private mutating func receiveEnded(_ completion: Completion, on descriptor: Int32) {
        if let id = completion.buffer { buffers.recycle(id) }
        if completion.isOutOfBuffers { return receive(on: descriptor) }
        unsafe connections[Int(descriptor)].isOpen = false
        FileDescriptor(rawValue: descriptor).close()
    }

    @inline(__always)
    private mutating func sent(on descriptor: Int32) {
        unsafe connections[Int(descriptor)].isSending = false
        markDirty(descriptor)
    }

    private mutating func sendReplies() {
        for place in 0..<dirtyCount {
            let descriptor = unsafe dirty[place]
            guard let bytes = unsafe connections[Int(descriptor)].nextSend() else { continue }
            unsafe uring.send(
                FileDescriptor(rawValue: descriptor), bytes, token: token(.send, descriptor))
        }
        dirtyCount = 0
    }

    private mutating func receive(on descriptor: Int32) {
        uring.receiveMultishot(
            FileDescriptor(rawValue: descriptor), group: Self.group,
            token: token(.receive, descriptor))
    }

    @inline(__always)
    private mutating func markDirty(_ descriptor: Int32) {
        if unsafe connections[Int(descriptor)].isDirty { return }
        unsafe connections[Int(descriptor)].isDirty = true
        unsafe dirty[dirtyCount] = descriptor
        dirtyCount += 1
    }

    @inline(__always)
    private func token(_ operation: Operation, _ descriptor: Int32) -> OperationToken {
        OperationToken(
            kind: operation.rawValue, generation: 0, index: UInt32(bitPattern: descriptor))
    }

    private enum Operation: UInt8 {
        case accept, receive, send
    }
}
