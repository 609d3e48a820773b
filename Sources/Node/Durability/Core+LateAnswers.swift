// Answers that wait for the disk: SAVE, WAITAOF, and what one core's snapshot asks of the others.

import Base
import Engine
import Log
import Placement

/// A part of an answer that a core gives once something has come about.
enum LateAnswer: BitwiseCopyable {
    /// To another core's client.
    case part(ParcelReference)
    /// To this core's own client.
    case ownPart(OperationID)
    /// To another core's snapshot.
    case peer(ParcelReference)
    /// To this core's snapshot.
    case snapshot
}

/// An answer that waits until the log is synced.
struct SyncWaiter: BitwiseCopyable {
    let answer: LateAnswer
    /// The batch that must be released first; 0 for none.
    let batch: UInt64
    /// Up to where the log must be synced; nil before that is known.
    var position: LogPosition?
    /// When it is answered whatever has come about, in milliseconds since 1970; nil for never.
    var deadline: Int64?
    /// What it is answered at the next tick, whatever has come about.
    var outcome: Bool?
}

extension Core {
    /// Lets an answer wait until all that is noted now is on disk, by a sync that is made for it.
    ///
    /// - Parameter batch: the one that must be released first; 0 for none.
    mutating func awaitSync(_ answer: LateAnswer, batch: UInt64, deadline: Int64? = nil) {
        syncWaiters.append(SyncWaiter(answer: answer, batch: batch, deadline: deadline))
        if let deadline { tickAtLatest(deadline) }
        tickAtLatest(now)
    }

    /// Gives an answer that need not wait, but not while its request is being run.
    mutating func answerSoon(_ answer: LateAnswer, _ outcome: Bool) {
        syncWaiters.append(SyncWaiter(answer: answer, batch: 0, outcome: outcome))
        tickAtLatest(now)
    }

    /// Answers those whose records are on disk by now, and those whose time has come.
    mutating func answerSynced() {
        var place = 0
        while place < syncWaiters.count {
            if !settle(place) { place += 1 }
        }
    }

    /// Whether a waiter has its answer.
    private mutating func settle(_ place: Int) -> Bool {
        var waiter = syncWaiters[place]
        if let outcome = waiter.outcome ?? (log?.hasFailed == false ? nil : false) {
            syncWaiters.swapRemove(at: place)
            answer(waiter.answer, outcome)
            return true
        }
        if waiter.position == nil, log?.isReleased(waiter.batch) == true {
            waiter.position = wantSync(waiter.answer)
            syncWaiters[place] = waiter
        }
        if let position = waiter.position, isSynced(position) {
            syncWaiters.swapRemove(at: place)
            if case .snapshot = waiter.answer {
                snapshotIsLogged(position)
            } else {
                answer(waiter.answer, true)
            }
            return true
        }
        guard let deadline = waiter.deadline else { return false }
        if deadline > now {
            tickAtLatest(deadline)
            return false
        }
        syncWaiters.swapRemove(at: place)
        answer(waiter.answer, false)
        return true
    }

    /// A snapshot claims what is released; others want what is written.
    private mutating func wantSync(_ answer: LateAnswer) -> LogPosition? {
        if case .snapshot = answer { return log?.wantSync(toReleased: true) }
        return log?.wantSync(toReleased: false)
    }

    private mutating func isSynced(_ position: LogPosition) -> Bool {
        log?.isSynced(position) ?? false
    }

    /// Another core's snapshot wants this one's log synced.
    mutating func syncWantedArrived(_ parcel: ParcelReference) {
        awaitSync(.peer(parcel), batch: 0)
    }

    /// Gives an answer that waited: whether what it waited for has come about.
    mutating func answer(_ answer: LateAnswer, _ isDone: Bool) {
        switch answer {
        case .part(let parcel):
            parcel.content.reply.append(integer: isDone ? 1 : 0)
            mail(parcel, to: parcel.content.home, as: .gathered)
        case .ownPart(let id): ownPartAnswered(id, isDone)
        case .peer(let parcel):
            parcel.content.reply.append(integer: isDone ? 1 : 0)
            mail(parcel, to: parcel.content.home, as: .syncDone)
        case .snapshot: if !isDone { snapshotFailed("the log has failed") }
        }
    }
}
