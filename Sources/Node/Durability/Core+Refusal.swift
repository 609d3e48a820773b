// Commands that write are refused on all cores while the log of one takes nothing: one that runs on
// a core with room may change keys of the core without.

import Base
import Engine
import Log
import Placement

/// Why commands that write are refused, by the core whose log is the reason.
struct WriteRefusals {
    /// Of this core; nil where its log takes what comes.
    fileprivate(set) var own: String?
    /// Of the others.
    fileprivate var others: [UInt16: String] = [:]
    /// Nothing of this core's keys may be seen either: what is in memory is perhaps not on disk.
    var readsToo = false

    /// What a client is told.
    fileprivate var reason: String? { own ?? others.values.first }
}

extension Core {
    /// Refuses commands that write, for a reason of this core's log; nil where it takes them.
    mutating func refuseWrites(_ reason: String?) {
        if _fastPath(reason == nil && refusals.own == nil) || reason == refusals.own { return }
        refusals.own = reason
        applyRefusals()
        for core in 0..<coreCount where core != Int(index.rawValue) {
            let parcel = parcels.take()
            for byte in (reason ?? "").utf8 { parcel.content.reply.append(byte) }
            mail(parcel, to: CoreIndex(UInt16(core)), as: .refusal)
        }
    }

    /// Another core's log takes nothing, or takes what comes again.
    mutating func refusalArrived(_ parcel: ParcelReference) {
        let reason = parcel.content.reply.bytes
        let core = parcel.content.sender.rawValue
        refusals.others[core] = reason.isEmpty ? nil : reason.string
        mail(parcel, to: parcel.content.home, as: .spent)
        applyRefusals()
    }

    private mutating func applyRefusals() {
        engine.refuseWrites(refusals.reason, readsToo: refusals.readsToo)
    }
}
