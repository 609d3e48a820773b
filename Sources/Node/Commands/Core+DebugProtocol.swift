// DEBUG PROTOCOL type: one reply of each type, for those who test how a client reads them.

import Base
import Engine

extension Core {
    /// - Returns: false where there is no such type.
    mutating func debugProtocol(_ type: Bytes) -> Bool {
        switch type.string.lowercased() {
        case "string": engine.reply.bulk("Hello World")
        case "integer": engine.reply.integer(12_345)
        case "double": engine.reply.double("3.141")
        case "null": engine.reply.null()
        case "array":
            engine.reply.array(3)
            for number in 0..<3 { engine.reply.integer(number) }
        case "set":
            engine.reply.set(3)
            for number in 0..<3 { engine.reply.integer(number) }
        case "map":
            engine.reply.map(3)
            for number in 0..<3 {
                engine.reply.integer(number)
                engine.reply.boolean(number == 1)
            }
        case "verbatim": engine.reply.verbatim("This is a verbatim\nstring")
        case "true": engine.reply.boolean(true)
        case "false": engine.reply.boolean(false)
        case "bignum":
            engine.reply.bigNumber("1234567999999999999999999999999999999")
        case "attrib": debugAttribute()
        case "push": debugPush()
        default: return false
        }
        return true
    }

    private mutating func debugAttribute() {
        if engine.reply.version == .resp3 {
            engine.reply.attribute(1)
            engine.reply.bulk("key-popularity")
            engine.reply.array(2)
            engine.reply.bulk("key:123")
            engine.reply.integer(90)
        }
        engine.reply.bulk("Some real reply following the attribute")
    }

    private mutating func debugPush() {
        if engine.reply.version == .resp2 {
            engine.fail("ERR RESP2 is not supported by this command")
            return
        }
        engine.reply.push(2)
        engine.reply.bulk("server-cpu-usage")
        engine.reply.integer(42)
    }
}
