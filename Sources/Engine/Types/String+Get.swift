import Base

extension Engine {
    /// GET key
    @inline(__always)
    mutating func get(_ call: Invocation) {
        guard let entry = keyspace.read(call.key) else {
            reply.null()
            return
        }
        reply.bulk(entry.value)
    }

    /// SET key value
    @inline(__always)
    mutating func set(_ call: Invocation) {
        let key = call.key
        let position = keyspace.lookUp(key)
        keyspace.store(key, position, .encoding(call[2]), .clear)
        reply.ok()
    }
}
