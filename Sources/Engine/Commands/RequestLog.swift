import Base

/// Requests with arguments of their own: what outlives the bytes it was read from, in the mail to
/// another core, queued by MULTI or waiting for keys.
package struct RequestLog: ~Copyable {
    package var pipeline: Pipeline
    private var arena: ByteArena

    /// - Parameters:
    ///   - capacity: the requests that fit before the tables grow.
    ///   - chunkSize: the bytes of arguments that it makes room for at a time.
    package init(capacity: Int, chunkSize: Int) {
        pipeline = Pipeline(capacity: capacity)
        arena = ByteArena(chunkSize: chunkSize)
    }

    package var count: Int { pipeline.requests.count }
    package var byteCount: Int { arena.byteCount }

    /// Copies `request` and its arguments from `source`.
    package mutating func append(_ request: Request, from source: borrowing Pipeline) {
        var copy = request
        copy.firstArgument = Int32(pipeline.arguments.count)
        let first = Int(request.firstArgument)
        for index in first..<(first + Int(request.argumentCount)) {
            pipeline.arguments.append(arena.append(source.arguments[index]))
        }
        pipeline.requests.append(copy)
    }

    /// Adds a request of two arguments without a name before them: a message on its way.
    package mutating func append(_ command: CommandID, _ first: Bytes, _ second: Bytes) {
        var request = Request(firstArgument: pipeline.arguments.count, argumentCount: 2)
        request.command = command
        pipeline.arguments.append(arena.append(first))
        pipeline.arguments.append(arena.append(second))
        pipeline.requests.append(request)
    }

    package mutating func removeAll() {
        pipeline.removeAll()
        arena.removeAll()
    }
}
