import Base
import Placement

extension Keyspace {
    /// How often ``randomKey(_:)`` draws before it is content with the first key that has not
    /// expired.
    private static let randomDrawCountMax = 100

    /// A key drawn evenly from those that have not expired; nil when there is none. The view lives
    /// until the next write.
    package func randomKey(_ random: inout SplitMix64) -> Bytes? {
        if count == 0 { return nil }
        for _ in 0..<Self.randomDrawCountMax {
            let entry = entry(number: Int.random(in: 0..<count, using: &random))
            if let deadline = entry.deadline, deadline <= now { continue }
            return entry.key
        }
        // Nearly everything has expired and waits to be swept.
        var found: Bytes?
        forEachEntry { entry in
            if found == nil { found = entry.key }
        }
        return found
    }

    /// The entry at a place in the order of slots, paths and places, 0..<``count``.
    private func entry(number: Int) -> Entry {
        var left = number
        for slot in 0..<SlotIndex.count {
            let table = unsafe tables + slot
            let here = unsafe Int(table.pointee.count)
            if left < here { return unsafe entry(number: left, in: table) }
            left -= here
        }
        invariantFailed("the slots' counts add up to the count")
    }

    func entry(number: Int, in table: UnsafeMutablePointer<Table>) -> Entry {
        var left = number
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                let child = unsafe table.pointee.children + child
                let here = unsafe Int(child.pointee.count)
                if left < here { return unsafe entry(number: left, in: child) }
                left -= here
            }
        }
        for place in 0..<(unsafe Int(table.pointee.bucketCount) * Table.bucketWords) {
            let word = unsafe table.pointee.words[place]
            if word == 0 { continue }
            if left == 0 { return Table.entry(word) }
            left -= 1
        }
        invariantFailed("a table holds as many entries as it counts")
    }
}
