import Uring

/// One client: sends a pipeline of commands, waits for all replies, starts over.
@safe
struct LoadConnection {
    let socket: FileDescriptor
    /// Index of the endpoint that it talks to.
    let endpoint: Int
    var replies = ReplyCounter()
    /// Replies that are still to come.
    var pending = 0
    var sentNanoseconds: UInt64 = 0
    /// The pipeline being sent.
    let requests: UnsafeMutableRawPointer

    init(socket: FileDescriptor, endpoint: Int, requestBytesMax: Int) {
        self.socket = socket
        self.endpoint = endpoint
        unsafe requests = .allocate(byteCount: requestBytesMax, alignment: 64)
    }
}
