import Base

/// Requests with arguments of their own: what outlives the bytes it was read from, in the mail to
/// another core, queued by MULTI or waiting for keys.
package struct RequestLog: ~Copyable {
    package var pipeline: Pipeline
    private var arena: ByteArena
    /// What a long request lies in that was not copied.
    private var adopted = OutputBuffer()

    /// - Parameters:
    ///   - capacity: the requests that fit before the tables grow.
    ///   - chunkSize: the bytes of arguments that it makes room for at a time.
    package init(capacity: Int, chunkSize: Int) {
        pipeline = Pipeline(capacity: capacity)
        arena = ByteArena(chunkSize: chunkSize)
    }

    package var count: Int { pipeline.requests.count }
    package var byteCount: Int { arena.byteCount + adopted.count }

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

    /// Copies `request` from `source`, but not its arguments, which outlive this log's content.
    package mutating func append(_ request: Request, viewing source: borrowing Pipeline) {
        var copy = request
        copy.firstArgument = Int32(pipeline.arguments.count)
        let first = Int(request.firstArgument)
        for index in first..<(first + Int(request.argumentCount)) {
            pipeline.arguments.append(source.arguments[index])
        }
        pipeline.requests.append(copy)
    }

    /// Copies a BLMPOP or BZMPOP from `source`; of its keys only the one at `place` is kept.
    package mutating func append(
        _ request: Request, from source: borrowing Pipeline, keepingKeyAt place: Int
    ) {
        var copy = request
        copy.firstArgument = Int32(pipeline.arguments.count)
        let first = Int(request.firstArgument)
        let keyCount = Int(source.arguments[first + 2].canonicalInteger ?? 1)
        for index in first..<(first + Int(request.argumentCount)) {
            let argument = index - first
            if argument == 2 {
                pipeline.arguments.append(Bytes("1"))
            } else if argument < 2 || argument == place || argument >= 3 + keyCount {
                pipeline.arguments.append(arena.append(source.arguments[index]))
            }
        }
        copy.argumentCount = Int32(pipeline.arguments.count) - copy.firstArgument
        pipeline.requests.append(copy)
    }

    /// A request of so many bytes and more is not copied where its buffer can be taken over.
    private static var adoptedSizeMin: Int { 1 << 16 }

    /// As ``append(_:from:)``, but takes `buffer` over where a long request lies in it: views of it
    /// stay good as long as this log's content. Nothing may have been taken over before.
    package mutating func append(
        _ request: Request, from source: borrowing Pipeline, adopting buffer: inout OutputBuffer
    ) {
        let first = Int(request.firstArgument)
        let end = first + Int(request.argumentCount)
        let isLong = buffer.contains(
            source.arguments[first], source.arguments[end - 1], distance: Self.adoptedSizeMin)
        if !isLong {
            append(request, from: source)
            return
        }
        var copy = request
        copy.firstArgument = Int32(pipeline.arguments.count)
        for index in first..<end { pipeline.arguments.append(source.arguments[index]) }
        pipeline.requests.append(copy)
        swap(&adopted, &buffer)
    }

    /// Whether a buffer has been taken over.
    package var hasAdopted: Bool { !adopted.isEmpty }

    /// As ``append(_:from:)`` with another log's request; what it lies in is moved here if that was
    /// taken over.
    package mutating func append(_ request: Request, movedFrom other: inout RequestLog) {
        var buffer = other.adopted.take()
        append(request, from: other.pipeline, adopting: &buffer)
        // Another request's, or nobody's.
        if !buffer.isEmpty { swap(&buffer, &other.adopted) }
    }

    /// Hands out what has been taken over, to be freed in parts.
    package mutating func takeAdopted() -> OutputBuffer { adopted.take() }

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
        adopted = OutputBuffer()
    }
}
