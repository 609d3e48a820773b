extension GrowableArray {
    /// Sorts the elements from `first` on in place, by a heap: O(n log n) whatever the order was,
    /// and no memory. Equal elements may change places.
    ///
    /// Source: J. W. J. Williams, "Algorithm 232: Heapsort", CACM 1964.
    @inlinable
    public mutating func heapSort(from first: Int = 0, by isBefore: (Element, Element) -> Bool) {
        var end = count
        var parent = first + (end - first) / 2
        while end - first > 1 {
            if parent > first {
                parent -= 1
            } else {
                end -= 1
                swapElements(first, end)
            }
            siftDown(parent, first, end, by: isBefore)
        }
    }

    /// Lets the element at `start` sink to its place in the heap that lies in `first..<end`.
    @inlinable
    mutating func siftDown(
        _ start: Int, _ first: Int, _ end: Int, by isBefore: (Element, Element) -> Bool
    ) {
        var parent = start
        while true {
            var child = first + 2 * (parent - first) + 1
            if child >= end { return }
            if child + 1 < end, isBefore(self[child], self[child + 1]) { child += 1 }
            if !isBefore(self[parent], self[child]) { return }
            swapElements(parent, child)
            parent = child
        }
    }

    @inlinable
    mutating func swapElements(_ left: Int, _ right: Int) {
        let element = self[left]
        self[left] = self[right]
        self[right] = element
    }
}
