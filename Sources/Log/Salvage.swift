// What is found behind damage: records say by their checksums that they are whole, and where they
// stand, so they can be searched for.

import Base

extension RecordScanner {
    /// The next place from `start` on, in a whole file, where a valid record stands, whatever is in
    /// between.
    ///
    /// - Parameter budget: how many bytes may still be hashed to find out; what only looks like
    ///   long records could take time without end. Nothing is found when it is used up.
    public func findRecord(in file: Bytes, from start: Int, budget: inout Int) -> Int? {
        var place = RecordLayout.span(max(start, FileHeader.size))
        while place + RecordLayout.headerSize <= file.count, budget > 0 {
            if let span = file.plausibleSpan(at: place) {
                budget -= span
                let bytes = file.slice(place, place + span)
                if isValid(bytes, at: UInt64(place)), Record.check(bytes) == nil { return place }
            }
            place += RecordLayout.alignment
        }
        return nil
    }
}

extension FileHeader {
    /// Stands in for the damaged header of a file whose records are there: the salt is what their
    /// checksums were made with. Nil where they do not agree on one, or where `reason`, what is
    /// wrong with the header, says that it is whole and another file's.
    public init?(
        salvaging file: Bytes, _ identity: FileIdentity, _ number: UInt32,
        _ reason: FaultReason, _ content: Content = .segment
    ) {
        guard reason == .headerMissing || reason == .headerChecksum else { return nil }
        let place = Self.size
        guard file.count >= place + RecordLayout.headerSize else { return nil }
        guard let span = file.plausibleSpan(at: place) else { return nil }
        let first = file.slice(place, place + span)
        let salt =
            first.integer(at: 0, UInt64.self) &- Checksum.of(first.slice(8, first.count))
            &- UInt64(place)
        self.init(content, identity, number: number, salt: salt)
        // The first record agrees with whatever it holds; only a second one tells.
        var scanner = RecordScanner(self, at: place + span)
        let step = scanner.next(in: file, from: 0, fileSize: UInt64(file.count))
        guard case .record = step, Record.check(first) == nil else { return nil }
    }
}

extension Bytes {
    /// How long a record at `place` would be with its padding; nil where none can be.
    fileprivate func plausibleSpan(at place: Int) -> Int? {
        let length = Int(integer(at: place + 8, UInt32.self))
        guard length >= RecordLayout.headerSize, length <= RecordLayout.lengthMax else {
            return nil
        }
        guard RecordKind(rawValue: self[place + 12]) != nil else { return nil }
        let span = RecordLayout.span(length)
        return place + span <= count ? span : nil
    }
}
