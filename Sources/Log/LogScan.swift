// The first pass over a core's log: where it ends, and whether what is missing was ever promised.
//
// A pure state machine: the owner gives it each segment's bytes in order, then asks for the end.
// The rule that tells a torn tail from damage, and why it is right: docs/internals/log-format.md,
// "Reading".
//
// Invariants:
// 1. `end` is behind the last record before the first place without one, at the border of a group.
// 2. `claimed` is the highest position that anybody is known to have called synced.

import Base

/// A group of records that is a core's part of a transaction over several cores.
struct LoggedTransaction: Sendable {
    /// Where its group begins.
    let start: LogPosition
    let home: UInt16
    let number: UInt64
    /// All cores that logged a part.
    let participants: [UInt16]
}

/// The first pass over a core's log; see the essay above.
public struct LogScan: Sendable {
    /// The core's manifest.
    public let manifest: Manifest
    /// Where the log ends. Final after ``finish()``, unless a transaction cuts it.
    public private(set) var end: LogPosition
    /// How many records there are before ``end``, marks and seals included, not counting what a
    /// transaction's cut takes away.
    public private(set) var recordCount = 0
    /// Whether a record was found that is not whole, or bytes where none should be.
    public private(set) var isTorn = false
    /// What is damaged, where a scan goes on in spite of it.
    public private(set) var faults: [LogFault] = []
    /// The newest time of a record.
    public private(set) var lastTime: UInt64 = 0

    private(set) var transactions: [LoggedTransaction] = []
    private var claimed: LogPosition
    /// Where reading stopped and why; nil while it goes on.
    private var stop: (position: LogPosition, reason: FaultReason)?
    private var groupStart: LogPosition?
    private var groupRecords = 0
    /// Whether the segment that was read last ended with a seal, and the number that it names.
    private var sealedWith: UInt64?
    /// Behind the last seal without a successor.
    private(set) var sealEnd: LogPosition?
    private var nextSegment: UInt32
    private let salvages: Bool

    /// Before the first segment of `manifest`.
    ///
    /// - Parameter salvages: damage is noted in ``faults`` and ends the log, instead of being
    ///   thrown. What a newer version wrote is thrown all the same.
    public init(_ manifest: Manifest, salvages: Bool = false) {
        self.manifest = manifest
        self.salvages = salvages
        claimed = manifest.synced
        nextSegment = manifest.firstSegment
        end = LogPosition(segment: nextSegment, offset: UInt32(FileHeader.size))
    }

    /// Reads the next segment, whose file has these bytes.
    public mutating func read(_ file: Bytes) throws(LogFault) {
        let number = nextSegment
        nextSegment += 1
        let header: FileHeader
        do throws(FaultReason) {
            header = try FileHeader(file, .segment, manifest.identity, number: number)
        } catch {
            let position = LogPosition(segment: number, offset: 0)
            try tell(fault(position, error))
            guard let salvaged = FileHeader(salvaging: file, manifest.identity, number, error)
            else {
                if stop == nil { stopReading(position, error) }
                return
            }
            header = salvaged
        }
        let scanner = RecordScanner(header)
        if stop == nil, !mayFollow(number) {
            // The segment before this one has no seal: it was the last, and this one is not in use
            // yet, or its tail is missing.
            stop = (end, .lost)
            if !file.isBlank(from: FileHeader.size) { isTorn = true }
        }
        if stop != nil {
            findClaims(scanner, file, number, from: FileHeader.size)
        } else {
            try readRecords(scanner, file, number)
        }
    }

    /// The next segment is missing, and the log is read in spite of it.
    public mutating func readMissing() throws(LogFault) {
        let position = LogPosition(segment: nextSegment, offset: 0)
        nextSegment += 1
        try tell(fault(position, .missingSegment))
        if stop == nil { stopReading(position, .missingSegment) }
    }

    /// Whether the segments read so far lead to this one.
    private mutating func mayFollow(_ number: UInt32) -> Bool {
        if number == manifest.firstSegment { return true }
        guard let sealed = sealedWith, sealed == 0 || sealed == UInt64(number) else {
            return false
        }
        sealedWith = nil
        end = LogPosition(segment: number, offset: UInt32(FileHeader.size))
        return true
    }

    private mutating func readRecords(
        _ scanner: RecordScanner, _ file: Bytes, _ number: UInt32
    ) throws(LogFault) {
        var scanner = scanner
        while true {
            let start = LogPosition(segment: number, offset: UInt32(scanner.offset))
            switch scanner.next(in: file, from: 0, fileSize: UInt64(file.count)) {
            case .record(let record):
                let behind = LogPosition(segment: number, offset: UInt32(scanner.offset))
                do throws(LogFault) {
                    try take(record, at: start, behind: behind)
                } catch {
                    try tell(error)
                    stopReading(start, error.reason)
                    findClaims(scanner, file, number, from: Int(start.offset))
                    return
                }
                if record.kind == .seal { return }
            case .blank:
                let isClean = file.isBlank(from: Int(start.offset))
                if isClean { return }
                stopReading(start, .length)
                findClaims(scanner, file, number, from: Int(start.offset))
                return
            case .bad(let reason):
                // Right bytes in a form that is not known were not torn.
                if reason == .newerFormat || reason == .form { try tell(fault(start, reason)) }
                stopReading(start, reason)
                findClaims(scanner, file, number, from: Int(start.offset))
                return
            case .more: invariantFailed("a whole file needs no larger window")
            }
        }
    }

    private mutating func stopReading(_ position: LogPosition, _ reason: FaultReason) {
        stop = (position, reason)
        isTorn = true
    }

    private mutating func take(
        _ record: Record, at start: LogPosition, behind: LogPosition
    ) throws(LogFault) {
        let first = groupStart ?? start
        switch record.kind {
        case .slotEnd, .snapshotEnd: throw fault(start, .order)
        case .mark, .seal:
            // A group lies in one batch.
            if groupStart != nil || record.hasMore { throw fault(start, .order) }
            if record.kind == .seal {
                sealedWith = record.stamp
                if record.stamp == 0 { sealEnd = behind }
            } else {
                claimed = max(claimed, LogPosition(rawValue: record.stamp))
            }
        case .transaction:
            // It is the last of its group.
            if record.hasMore { throw fault(start, .order) }
            note(TransactionNote(record), first)
        default: break
        }
        lastTime = max(lastTime, record.time)
        groupRecords += 1
        groupStart = record.hasMore ? first : nil
        if record.hasMore { return }
        end = behind
        recordCount += groupRecords
        groupRecords = 0
    }

    private mutating func note(_ transaction: TransactionNote, _ start: LogPosition) {
        var participants: [UInt16] = []
        for index in 0..<transaction.participantCount {
            participants.append(transaction.participant(index))
        }
        transactions.append(
            LoggedTransaction(
                start: start, home: transaction.home, number: transaction.number,
                participants: participants))
    }

    /// Looks for marks behind the end.
    private mutating func findClaims(
        _ scanner: RecordScanner, _ file: Bytes, _ number: UInt32, from start: Int
    ) {
        var place = start
        while let found = scanner.findMark(in: file, from: place) {
            claimed = max(claimed, LogPosition(rawValue: found.mark.stamp))
            place = found.offset + RecordLayout.headerSize
        }
    }

    /// After the last segment: fails where what was synced is gone.
    public mutating func finish() throws(LogFault) {
        if let sealed = sealedWith, stop == nil, sealed != 0 {
            let missing = LogPosition(segment: nextSegment, offset: 0)
            try tell(fault(missing, .missingSuccessor))
        }
        if groupStart != nil { isTorn = true }
        if claimed > end, faults.isEmpty {
            try tell(fault(stop?.position ?? end, stop?.reason ?? .lost))
        }
    }

    private mutating func tell(_ fault: LogFault) throws(LogFault) {
        if !salvages || fault.reason == .newerFormat { throw fault }
        faults.append(fault)
    }

    private func fault(_ position: LogPosition, _ reason: FaultReason) -> LogFault {
        let path = Manifest.path(.segment(position.segment), manifest.identity)
        return LogFault(file: path, offset: UInt64(position.offset), reason)
    }

    // MARK: Transactions

    /// Raises `seen` to the highest transaction of each home core that the log has before ``end``.
    public func noteTransactions(in seen: inout [UInt16: UInt64]) {
        seen.merge(manifest.seen, uniquingKeysWith: max)
        for transaction in transactions where transaction.start < end {
            seen[transaction.home] = max(seen[transaction.home] ?? 0, transaction.number)
        }
    }

    /// Cuts before the first transaction that a participant lacks; whether there was one.
    mutating func cut(_ seen: [[UInt16: UInt64]]) throws(LogFault) -> Bool {
        for transaction in transactions where transaction.start < end {
            let isWhole = transaction.participants.allSatisfy { core in
                guard Int(core) < seen.count else { return false }
                return (seen[Int(core)][transaction.home] ?? 0) >= transaction.number
            }
            if isWhole { continue }
            if transaction.start < manifest.synced {
                try tell(fault(transaction.start, .lostTransaction))
            }
            end = transaction.start
            isTorn = true
            return true
        }
        return false
    }
}
