import Base
import CIntrinsics

extension Engine {
    /// HINCRBY key field increment
    @inline(never)
    mutating func incrementField(_ call: Invocation) {
        guard let increment = call[3].canonicalInteger else {
            fail(.notInteger)
            return
        }
        let key = call.key
        guard let found = find(key, .hash) else { return }
        var before: Int64 = 0
        if let entry = found.entry, let value = keyspace.findField(call[2], in: entry) {
            guard let integer = value.integer else {
                fail(.hashNotInteger)
                return
            }
            before = integer
        }
        let (sum, overflow) = before.addingReportingOverflow(increment)
        if overflow {
            fail(.overflow)
            return
        }
        setField(key, found, call[2], .integer(sum))
        notify(.hash, "hincrby", key.bytes)
        reply.integer(sum)
    }

    /// HINCRBYFLOAT key field increment
    @inline(never)
    mutating func incrementFieldByFloat(_ call: Invocation) {
        guard var increment = call[3].decimal else {
            fail(.notFloat)
            return
        }
        if unsafe gyre_decimal_is_finite(&increment) == 0 {
            fail(.incrementNotFinite)
            return
        }
        let key = call.key
        guard let found = find(key, .hash) else { return }
        var sum = gyre_decimal(value: 0)
        if let entry = found.entry, let value = keyspace.findField(call[2], in: entry) {
            guard let before = value.withBytes(\.decimal) else {
                fail(.hashNotFloat)
                return
            }
            sum = before
        }
        unsafe gyre_decimal_add(&sum, &increment)
        if unsafe gyre_decimal_is_finite(&sum) == 0 {
            fail(.notFinite)
            return
        }
        withDecimalText(&sum) { engine, digits in
            engine.setField(key, found, call[2], .bytes(digits))
            engine.notify(.hash, "hincrbyfloat", key.bytes)
            engine.reply.bulk(digits)
        }
    }
}
