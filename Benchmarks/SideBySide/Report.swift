import Foundation

/// Prints a line at once, also into a pipe: a comparison takes minutes.
func report(_ line: String) {
    print(line)
    fflush(nil)
}

/// The middle of some measurements; of an even number, the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return .nan }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Text in columns: the first to the left, the others to the right.
func row(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
        let padding = String(repeating: " ", count: max(0, 12 - cell.count))
        return index == 0 ? cell + padding : padding + cell
    }.joined()
}

/// A number with so many decimals.
func decimal(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
}
