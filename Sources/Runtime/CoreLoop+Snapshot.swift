// The files of a core's snapshots: what waits for the disk is done by a thread beside the loop, but
// for the writes, which the ring does.

import Base
import Log
import Node
import Uring

extension CoreLoop {
    /// Bytes after which what was written is synced: so that the last sync, and those of the log
    /// beside it, find little to do.
    private static let syncInterval: UInt64 = 32 << 20

    private func runBeside(
        _ body: @escaping @Sendable (CoreStorage) throws(FileFault) -> StorageOutcome?
    ) {
        runBeside("snapshot", failure: StorageOutcome.snapshotFailed, body)
    }

    func createSnapshot() {
        runBeside { storage throws(FileFault) in
            .snapshotCreated(try storage.createSnapshot())
        }
    }

    mutating func writeSnapshot(_ bytes: Bytes, at offset: UInt64) {
        guard let snapshot = storage?.snapshot else {
            invariantFailed("a snapshot that is written to has a file")
        }
        unsafe uring.write(
            FileDescriptor(rawValue: snapshot.file), bytes.buffer, at: offset,
            token: token(.snapshotWrite, 0))
    }

    mutating func snapshotWritten(_ completion: Completion) {
        let result = Int(completion.result)
        guard result > 0, var snapshot = storage?.snapshot else {
            core.snapshotWritten(nil, reason: SystemError.message(Int32(-result)))
            return
        }
        snapshot.unsyncedBytes += UInt64(result)
        snapshot.lastWrite = result
        let isDue = snapshot.unsyncedBytes >= Self.syncInterval
        if isDue {
            snapshot.unsyncedBytes = 0
            uring.syncData(
                FileDescriptor(rawValue: snapshot.file), token: token(.snapshotSync, 0))
        }
        storage?.snapshot = snapshot
        if !isDue { core.snapshotWritten(result) }
    }

    mutating func snapshotSynced(_ completion: Completion) {
        if completion.result < 0 {
            core.snapshotWritten(nil, reason: SystemError.message(-completion.result))
        } else {
            core.snapshotWritten(storage?.snapshot?.lastWrite)
        }
    }

    func closeSnapshot() {
        runBeside { storage throws(FileFault) in
            try storage.closeSnapshot()
            return .snapshotClosed
        }
    }

    mutating func installSnapshot() {
        let plan = core.withSnapshotPlan { $0 }
        storage?.snapshot?.mayBeNamed = true
        runBeside { storage throws(FileFault) in
            .snapshotInstalled(try storage.installSnapshot(plan))
        }
    }

    mutating func dropSnapshot() {
        guard let snapshot = storage?.snapshot else { return }
        runBeside { storage throws(FileFault) in
            storage.drop(snapshot)
            return nil
        }
        storage?.forgetSnapshot()
    }
}
