// micro: nanoseconds per call of the pure modules' parts; medians of repeated batches. For a look
// at where time goes while working on a part; what must hold is held by instruction budgets.
//
// Slots and routing: ring-lookup. Usage: micro [read] [replies] [keyspace] [mailbox] [rank-tree]
// [log]; without a part, all of them.

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

func isWanted(_ part: String) -> Bool {
    CommandLine.arguments.count == 1 || CommandLine.arguments.contains(part)
}

func measureReading() {
    var benchmark = ReadBenchmark()
    benchmark.run()
}

func measureKeyspace() {
    var benchmark = KeyspaceBenchmark()
    benchmark.run()
}

func measureRankTree(_ scores: RankTreeBenchmark.Scores) {
    var benchmark = RankTreeBenchmark(scores)
    benchmark.run()
}

func measureLog() {
    var benchmark = LogBenchmark()
    benchmark.run()
}

if isWanted("read") { measureReading() }
if isWanted("replies") { measureReplies() }
if isWanted("keyspace") { measureKeyspace() }
if isWanted("mailbox") { measureMailbox() }
if isWanted("log") { measureLog() }
if isWanted("rank-tree") {
    if !CommandLine.arguments.contains("ties") { measureRankTree(.random) }
    if CommandLine.arguments.contains("ties") { measureRankTree(.ties) }
}
