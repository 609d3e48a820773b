extension Array {
    /// The first index whose element belongs to the second part of an array of which the first part
    /// does not satisfy `belongsToSecondPart` and the rest does; `count` when none does.
    ///
    /// Branch-free: the half to go on with is selected by arithmetic.
    @inlinable
    func partitioningIndex(where belongsToSecondPart: (Element) -> Bool) -> Int {
        var base = 0
        var remaining = count
        while remaining > 0 {
            let half = (remaining + 1) / 2
            base += belongsToSecondPart(self[base + half - 1]) ? 0 : half
            remaining -= half
        }
        return base
    }
}
