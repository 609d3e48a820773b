extension Engine {
    /// Runs one command whose keys are all in this keyspace.
    @inline(__always)
    mutating func dispatch(_ call: Invocation) {
        switch call.command {
        case .get: get(call)
        case .set: set(call)
        default: dispatchString(call)
        }
    }

    @inline(never)
    private mutating func dispatchString(_ call: Invocation) {
        reply.unknownCommand(call)
    }
}
