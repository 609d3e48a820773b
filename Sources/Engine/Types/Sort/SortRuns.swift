// Many elements on their way through a SORT that is done in parts.
//
// Elements are sorted in runs of one slab block each as they come; a heap of the runs, by what each
// has first, then gives them out in order. So no step looks at more than a run's elements, none is
// moved twice, and of a long collection whose first few are wanted only those are merged.
//
// Ownership. One thread, the work's. The blocks are the keyspace's memory: whoever drops the runs
// frees them first.

import Base

/// Elements in order in a block of the keyspace's memory.
@safe
struct SortRun: BitwiseCopyable {
    let start: UnsafeMutablePointer<SortElement>
    let count: Int
    var next = 0

    /// The least that has not been taken out.
    var first: SortElement { unsafe start[next] }
}

/// See the essay above.
@safe
struct SortRuns: ~Copyable {
    /// How many elements a block has room for.
    static let runLength = SlabAllocator.blockSizeMax / MemoryLayout<SortElement>.stride
    private static var blockSize: Int { runLength * MemoryLayout<SortElement>.stride }

    private let order: SortOrder
    /// The run that is not full yet.
    private var open = GrowableArray<SortElement>(capacity: runLength)
    /// The full runs, none empty: a heap, the one with the least element first.
    private var runs = GrowableArray<SortRun>(capacity: 16)

    init(_ order: SortOrder) {
        self.order = order
    }

    /// Adds an element; true when that has filled a run, which has then been sorted.
    mutating func append(_ element: SortElement, _ memory: inout SlabAllocator) -> Bool {
        open.append(element)
        if open.count < Self.runLength { return false }
        seal(&memory)
        return true
    }

    /// No element is added any more.
    mutating func seal(_ memory: inout SlabAllocator) {
        if open.isEmpty { return }
        let order = order
        open.heapSort { order.isBefore($0, $1) }
        let start = unsafe memory.allocate(Self.blockSize)
            .bindMemory(to: SortElement.self, capacity: Self.runLength)
        unsafe start.update(from: open.start, count: open.count)
        runs.append(unsafe SortRun(start: start, count: open.count))
        open.removeAll()
        siftUp()
    }

    /// Takes out the least element.
    mutating func next(_ memory: inout SlabAllocator) -> SortElement? {
        if runs.isEmpty { return nil }
        var run = runs[0]
        let element = run.first
        run.next += 1
        if run.next < run.count {
            runs[0] = run
        } else {
            unsafe memory.deallocate(run.start, Self.blockSize)
            guard let last = runs.popLast(), !runs.isEmpty else { return element }
            runs[0] = last
        }
        siftDown()
        return element
    }

    /// Frees as many runs as the budget allows; false where there are more.
    mutating func free(_ budget: inout Int, _ memory: inout SlabAllocator) -> Bool {
        var left = max(budget / 8, 1)
        budget -= 8 * left
        while left > 0, let run = runs.popLast() {
            unsafe memory.deallocate(run.start, Self.blockSize)
            left -= 1
        }
        return runs.isEmpty
    }

    private mutating func siftUp() {
        var child = runs.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !order.isBefore(runs[child].first, runs[parent].first) { return }
            swap(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= runs.count { return }
            let other = child + 1
            if other < runs.count, order.isBefore(runs[other].first, runs[child].first) {
                child = other
            }
            if !order.isBefore(runs[child].first, runs[parent].first) { return }
            swap(child, parent)
            parent = child
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        let run = runs[left]
        runs[left] = runs[right]
        runs[right] = run
    }
}
