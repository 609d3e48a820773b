import Base
import Log

/// What the log costs a write: SETs of keys of 16 bytes to values of 32, in turns of 16.
struct LogBenchmark: ~Copyable {
    private static let turnCount = 1_000
    private static let turnSize = 16
    private static let identity = FileIdentity(
        node: NodeBits(high: 1, middle: 2, low: 3), layout: 1, core: 0, cores: 1)

    private var buffer = LogBuffer(capacity: 64 << 10)
    private var key = OutputBuffer()
    private var value = OutputBuffer()

    init() {
        for _ in 0..<16 { key.append(UInt8(ascii: "k")) }
        for _ in 0..<32 { value.append(UInt8(ascii: "v")) }
    }

    mutating func run() {
        let calls = Self.turnCount * Self.turnSize
        Measurement.report("log: append a record", calls: calls) {
            for _ in 0..<Self.turnCount {
                appendTurn(0)
                buffer.removeAll()
            }
        }
        Measurement.report("log: append, mark and checksum", calls: calls) {
            var writer = LogWriter(segment: 1, salt: 7, segmentSizeMax: 1 << 30)
            for turn in 0..<Self.turnCount {
                appendTurn(UInt64(turn))
                guard let write = writer.beginWrite(&buffer) else {
                    invariantFailed("a turn has records")
                }
                _ = writer.writeCompleted(write.count)
                buffer.removeAll()
            }
        }
        measureReading(calls)
    }

    private mutating func appendTurn(_ turn: UInt64) {
        for number in 0..<Self.turnSize {
            let stamp = turn &* 16 &+ UInt64(number) &+ 1
            buffer.putString(
                UInt16(number), stamp, key.bytes, value.bytes, deadline: nil)
        }
    }

    private mutating func measureReading(_ calls: Int) {
        var file = OutputBuffer()
        FileHeader(.segment, Self.identity, number: 1, salt: 7).append(to: &file)
        var writer = LogWriter(segment: 1, salt: 7, segmentSizeMax: 1 << 30)
        for turn in 0..<Self.turnCount {
            appendTurn(UInt64(turn))
            guard let write = writer.beginWrite(&buffer) else {
                invariantFailed("a turn has records")
            }
            file.append(buffer.content)
            _ = writer.writeCompleted(write.count)
            buffer.removeAll()
        }
        let manifest = Manifest(
            Self.identity, firstSegment: 1, synced: LogPosition(segment: 1, offset: 64))
        var scan = LogScan(manifest)
        Measurement.report("log: check a record", calls: calls) {
            scan = LogScan(manifest)
            do throws(LogFault) {
                try scan.read(file.bytes)
                try scan.finish()
            } catch {
                invariantFailed("a sound log is read")
            }
        }
        Measurement.report("log: replay a record", calls: calls) {
            do throws(LogFault) {
                var replay = try SegmentReplay(file.bytes, segment: 1, scan)
                var count = 0
                while let record = replay.next() {
                    if case .putString(let value) = record.effect { count += value.count }
                }
                invariant(count == 32 * calls, "every record is replayed")
            } catch {
                invariantFailed("a sound log is read")
            }
        }
    }
}
