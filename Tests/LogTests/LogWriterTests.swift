import Base
import Testing

@testable import Log

struct LogWriterTests {
    private func writer(_ buffer: inout LogBuffer) -> LogWriter {
        buffer.put("key", "value", slot: 1, stamp: 1)
        return LogWriter(segment: 1, salt: 5)
    }

    @Test func shortWritesAreContinued() throws {
        var buffer = LogBuffer()
        var writer = writer(&buffer)
        let begun = writer.beginWrite(&buffer)
        let write = try #require(begun)
        let second = writer.beginWrite(&buffer)
        #expect(second == nil)
        #expect(write.offset == 64)
        guard case .rest(let rest) = writer.writeCompleted(5) else {
            Issue.record("the rest is to be written")
            return
        }
        #expect(rest.offset == 69)
        #expect(rest.batchOffset == 5)
        #expect(rest.count == write.count - 5)
        #expect(writer.beginSync() == nil)
        #expect(writer.writeCompleted(rest.count) == .done)
        #expect(writer.beginSync() == 1...1)
        #expect(writer.synced.offset == 64)
        writer.syncCompleted(true)
        #expect(writer.synced == writer.position)
        #expect(writer.beginSync() == nil)
        writer.checkInvariants()
    }

    @Test func nothingIsAcknowledgedAfterAFailure() throws {
        for failsAtWrite in [true, false] {
            var buffer = LogBuffer()
            var writer = writer(&buffer)
            _ = writer.beginWrite(&buffer)
            if failsAtWrite {
                #expect(writer.writeCompleted(nil) == .failed)
            } else {
                _ = writer.writeCompleted(buffer.content.count)
                _ = writer.beginSync()
                writer.syncCompleted(false)
            }
            #expect(writer.hasFailed)
            #expect(writer.synced.offset == 64)
            let further = writer.beginWrite(&buffer)
            #expect(further == nil)
            #expect(writer.beginSync() == nil)
            writer.checkInvariants()
        }
    }

    /// A write that succeeds while a sync fails does not bring the log back.
    @Test func aFailedSyncEndsAWriteInFlight() throws {
        var buffer = LogBuffer()
        var writer = writer(&buffer)
        _ = writer.beginWrite(&buffer)
        _ = writer.writeCompleted(buffer.content.count)
        #expect(writer.beginSync() != nil)
        _ = writer.beginWrite(&buffer)
        writer.syncCompleted(false)
        #expect(writer.writeCompleted(buffer.content.count) == .failed)
        #expect(writer.synced.offset == 64)
    }

    /// A sync covers what was written when it began, not what was written since.
    @Test func aSyncCoversWhatWasWrittenBefore() throws {
        var buffer = LogBuffer()
        var writer = writer(&buffer)
        _ = writer.beginWrite(&buffer)
        _ = writer.writeCompleted(buffer.content.count)
        let first = writer.written
        _ = writer.beginWrite(&buffer)
        // This write is in flight while the sync begins, and done before it ends.
        _ = writer.beginSync()
        _ = writer.writeCompleted(buffer.content.count)
        writer.syncCompleted(true)
        #expect(writer.synced == first)
        #expect(writer.synced < writer.written)
        #expect(writer.beginSync() == 1...1)
    }

    /// Without a next segment, a full one takes no batches: a full disk.
    @Test func thereIsRoomWhereThereIsASegment() throws {
        var buffer = LogBuffer()
        buffer.put("key", "value", slot: 1, stamp: 1)
        var writer = LogWriter(segment: 1, salt: 5, segmentSizeMax: 100)
        #expect(writer.hasRoom)
        #expect(writer.wantsSegment)
        _ = writer.beginWrite(&buffer)
        _ = writer.writeCompleted(buffer.content.count)
        #expect(writer.wantsSegment)
        #expect(!writer.hasRoom)
        writer.segmentCreated(salt: 6)
        #expect(writer.hasRoom)
        #expect(!writer.wantsSegment)
        _ = writer.beginWrite(&buffer)
        _ = writer.writeCompleted(buffer.content.count)
        #expect(writer.position == LogPosition(segment: 2, offset: 64))
        writer.checkInvariants()
    }

    @Test func aFullSegmentIsSealed() throws {
        var machine = LogMachine(identity(), segmentSizeMax: 300)
        for number in 1...12 {
            machine.buffer.put("key\(number)", "value", slot: 1, stamp: UInt64(number))
            machine.turn()
            if number % 4 == 0 { machine.sync() }
        }
        machine.sync()
        #expect(machine.durable.count > 3)
        let files = machine.allFiles()
        #expect(try recover(files, manifest(identity())).effects.count == 12)
        // The last segment is lost: the one before it names it.
        var shorter = files
        shorter[machine.writer.position.segment] = nil
        #expect(throws: LogFault.self) { try recover(shorter, manifest(identity())) }
    }
}
