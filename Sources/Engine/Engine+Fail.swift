import Base

extension Engine {
    /// Answers with an error and counts it.
    @inline(never)
    package mutating func fail(_ error: CommandError) {
        statistics.errors += 1
        reply.error(error)
    }

    /// As ``fail(_:)``, for an error whose text quotes what the client sent.
    @inline(never)
    package mutating func fail(_ text: String) {
        statistics.errors += 1
        reply.error(text)
    }

    @inline(never)
    package mutating func failArity(_ call: Invocation) {
        statistics.errors += 1
        reply.wrongArity(call.name)
    }

    @inline(never)
    package mutating func failExpireTime(_ call: Invocation) {
        statistics.errors += 1
        reply.invalidExpireTime(call.name)
    }
}
