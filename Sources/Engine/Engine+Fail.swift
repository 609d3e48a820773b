import Base

extension Engine {
    /// Answers with an error and counts it.
    @inline(never)
    package mutating func fail(_ error: CommandError) {
        let start = reply.buffer.count
        reply.error(error)
        noteError(from: start)
    }

    /// As ``fail(_:)``, for an error whose text quotes what the client sent.
    @inline(never)
    package mutating func fail(_ text: String) {
        let start = reply.buffer.count
        reply.error(text)
        noteError(from: start)
    }

    @inline(never)
    package mutating func failArity(_ call: Invocation) {
        let start = reply.buffer.count
        reply.wrongArity(call.name)
        noteError(from: start)
    }

    @inline(never)
    package mutating func failExpireTime(_ call: Invocation) {
        let start = reply.buffer.count
        reply.invalidExpireTime(call.name)
        noteError(from: start)
    }

    /// Counts an error that was written to the reply from `start` on: by its kind, and as a failure
    /// of the command that is running.
    package mutating func noteError(from start: Int) {
        statistics.errors += 1
        insight.noteError(reply.buffer, from: start)
    }
}
