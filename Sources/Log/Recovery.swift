import Base

/// What makes the logs of a node's cores one state.
public enum Recovery {
    /// Cuts each core's log, finished and in the order of cores, before the first transaction of
    /// which a participant lacks its part, until all transactions are whole or gone.
    public static func settleTransactions(_ scans: inout [LogScan]) throws(LogFault) {
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            var seen = [[UInt16: UInt64]](repeating: [:], count: scans.count)
            for core in scans.indices { scans[core].noteTransactions(in: &seen[core]) }
            for core in scans.indices where try scans[core].cut(seen) {
                hasChanged = true
            }
        }
    }
}

/// The stamps that a core's snapshot gave its slots: which records of the log it lacks.
public struct SlotStamps: ~Copyable {
    private var stamps = GrowableArray<UInt64>(capacity: 1 << 14)

    /// As if no slot had been written: all records apply.
    public init() {
        for _ in 0..<1 << 14 { stamps.append(0) }
    }

    /// Whether the state lacks a record of the log.
    public func lack(_ record: Record) -> Bool {
        record.stamp > stamps[Int(record.slot)]
    }

    /// The stamp of a slot.
    public func stamp(ofSlot slot: UInt16) -> UInt64 {
        stamps[Int(slot)]
    }

    /// The state holds what was written to the slot up to this stamp.
    public mutating func set(_ slot: UInt16, _ stamp: UInt64) {
        stamps[Int(slot)] = stamp
    }
}
