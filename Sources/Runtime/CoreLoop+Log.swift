import Base
import Glibc
import Log
import Node
import Uring

/// What a thread beside the loop has done for the core's log.
enum StorageOutcome: Sendable {
    case segment(OpenSegment)
    case noSegment(reason: String)
    case snapshotCreated(OpenSnapshot)
    case snapshotClosed
    case snapshotInstalled(Manifest)
    case snapshotFailed(reason: String)
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
        } else if result == -Int(ENOSPC) || result == -Int(EDQUOT) {
            core.logHadNoRoom(SystemError.message(Int32(-result)))
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

    /// Creates a segment.
    func createSegment(_ number: UInt32) {
        runBeside("segment", failure: StorageOutcome.noSegment) { storage throws(FileFault) in
            .segment(try storage.create(number))
        }
    }

    /// Runs what waits for the disk in a thread of its own; the loop hears of it by its signal.
    ///
    /// - Parameter failure: what it hears where the disk refuses, given the reason.
    func runBeside(
        _ name: String, failure: @escaping @Sendable (String) -> StorageOutcome,
        _ body: @escaping @Sendable (CoreStorage) throws(FileFault) -> StorageOutcome?
    ) {
        guard let storage else { invariantFailed("only a core with a log has files") }
        let (outcomes, signal) = (link.storageOutcomes, signal)
        BackgroundThread(name: "\(name)-\(index)") {
            do throws(FileFault) {
                guard let outcome = try body(storage) else { return }
                outcomes.append(outcome)
            } catch {
                outcomes.append(failure(error.reason))
            }
            EventSignal.notify(signal)
        }.detach()
    }

    /// Tells the core of what was done beside the loop.
    mutating func takeStorageOutcomes() {
        while let outcome = link.storageOutcomes.take() {
            switch outcome {
            case .segment(let segment):
                storage?.add(segment)
                core.segmentCreated(salt: segment.salt)
            case .noSegment(let reason): core.segmentFailed(reason)
            case .snapshotCreated(let snapshot):
                storage?.snapshot = snapshot
                core.snapshotCreated(salt: snapshot.salt)
            case .snapshotClosed: core.snapshotClosed()
            case .snapshotInstalled(let manifest):
                storage?.install(manifest)
                core.snapshotInstalled()
            case .snapshotFailed(let reason): core.snapshotFailed(reason)
            }
        }
    }
}
