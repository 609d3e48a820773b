// micro: nanoseconds per call of the pure modules' parts; medians of repeated batches. For a look
// at where time goes while working on a part; what must hold is held by instruction budgets.
//
// Slots and routing: ring-lookup. Usage: micro

import Base
import Engine
import Node
import Runtime

func measureReplies() {
    var reply = Reply()
    var value = OutputBuffer()
    for _ in 0..<32 { value.append(UInt8(ascii: "v")) }
    let calls = 10_000
    Measurement.report("reply: bulk of 32 bytes", calls: calls) {
        reply.buffer.removeAll()
        for _ in 0..<calls { reply.bulk(value.bytes) }
    }
    Measurement.report("reply: integer of six digits", calls: calls) {
        reply.buffer.removeAll()
        for number in 0..<calls { reply.integer(100_000 + number) }
    }
}

func measureMailbox() {
    let mailbox = Mailbox()
    // A parcel that nobody opens.
    let parcel = unsafe unsafeBitCast(1, to: ParcelReference.self)
    Measurement.report("mailbox: post and take, 32 at a time", calls: 32 * 1_000) {
        for _ in 0..<1_000 {
            for _ in 0..<32 { invariant(mailbox.post(parcel), "there is room") }
            for _ in 0..<32 { invariant(mailbox.take() != nil, "there is mail") }
        }
    }
}

var reading = ReadBenchmark()
reading.run()
measureReplies()
var keyspaceBenchmark = KeyspaceBenchmark()
keyspaceBenchmark.run()
measureMailbox()
