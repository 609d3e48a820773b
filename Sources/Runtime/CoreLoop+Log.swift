import Base
import Log
import Node
import Uring

/// What became of a segment that a core asked for.
struct SegmentOutcome: Sendable {
    /// Nil where it could not be created.
    let segment: OpenSegment?
    let reason: String
}

extension CoreLoop {
    mutating func writeLog(_ write: LogWrite, _ bytes: Bytes) {
        guard let storage else { invariantFailed("a core without a log writes none") }
        let file = FileDescriptor(rawValue: storage.file(of: write.segment))
        unsafe uring.write(
            file, bytes.slice(0, write.count).buffer, at: UInt64(write.offset),
            token: token(.logWrite, 0))
    }

    mutating func logWritten(_ completion: Completion) {
        let result = Int(completion.result)
        if result > 0 {
            core.logWritten(result)
        } else {
            core.logWritten(nil, reason: SystemError.message(Int32(-result)))
        }
    }

    /// Syncs each of the segments' files; the core hears of it when all are done.
    mutating func syncLog(first: UInt32, last: UInt32) {
        guard let storage else { invariantFailed("a core without a log syncs none") }
        syncsInFlight = Int(last - first) + 1
        syncFailure = 0
        syncedFrom = last
        for number in first...last {
            let file = FileDescriptor(rawValue: storage.file(of: number))
            uring.syncData(file, token: token(.logSync, 0))
        }
    }

    mutating func logSynced(_ completion: Completion) {
        syncsInFlight -= 1
        if completion.result < 0 { syncFailure = -completion.result }
        if syncsInFlight > 0 { return }
        if syncFailure == 0 { storage?.closeSegments(before: syncedFrom) }
        core.logSynced(
            syncFailure == 0, reason: syncFailure == 0 ? "" : SystemError.message(syncFailure))
    }

    /// Creates a segment in a thread of its own, since a disk may take its time; the loop hears of
    /// it by its signal.
    func createSegment(_ number: UInt32) {
        guard let storage else { invariantFailed("a core without a log has no segments") }
        let (created, signal) = (link.createdSegments, signal)
        BackgroundThread(name: "segment-\(index)") {
            do throws(FileFault) {
                created.append(SegmentOutcome(segment: try storage.create(number), reason: ""))
            } catch {
                created.append(SegmentOutcome(segment: nil, reason: error.reason))
            }
            EventSignal.notify(signal)
        }.detach()
    }

    /// Tells the core of the segments that were created.
    mutating func takeCreatedSegments() {
        while let outcome = link.createdSegments.take() {
            if let segment = outcome.segment {
                storage?.add(segment)
                core.segmentCreated(salt: segment.salt)
            } else {
                core.segmentFailed(outcome.reason)
            }
        }
    }
}
