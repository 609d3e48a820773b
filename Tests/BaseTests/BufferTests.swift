import Testing

@testable import Base

struct OutputBufferTests {
    /// Random edits, against an array.
    @Test func bytesAreEqualWhereAllAre() {
        let left = [UInt8](0..<100)
        for count in 0...left.count {
            var right = left
            for changed in 0..<count + 1 {
                if changed < right.count { right[changed] ^= 0x80 }
                let isEqual = unsafe left.withUnsafeBytes { left in
                    unsafe right.withUnsafeBytes { right in
                        unsafe bytesEqual(left.baseAddress!, right.baseAddress!, count)
                    }
                }
                #expect(isEqual == (changed >= count), "\(count) bytes, \(changed) changed")
                if changed < right.count { right[changed] ^= 0x80 }
            }
        }
    }

    @Test func behavesAsAnArray() {
        var buffer = OutputBuffer()
        var model: [UInt8] = []
        var random = SplitMix64(seed: 9)
        for _ in 0..<5_000 {
            let number = Int(random.next() % 100)
            switch random.next() % 6 {
            case 0, 1:
                buffer.append(UInt8(number))
                model.append(UInt8(number))
            case 2:
                buffer.append("some text")
                model += Array("some text".utf8)
            case 3:
                let prefix = min(number, model.count)
                buffer.removeFirst(prefix)
                model.removeFirst(prefix)
            case 4:
                let length = model.count - min(number / 10, model.count)
                buffer.truncate(to: length)
                model.removeLast(model.count - length)
            default:
                let copy = model
                unsafe copy.withUnsafeBytes { unsafe buffer.append(Bytes($0)) }
                model += copy
                if model.count > 10_000 {
                    buffer.removeAll()
                    model = []
                }
            }
            let content = unsafe Array(buffer.bytes.buffer)
            if content != model { Issue.record("the content differs") }
        }
    }

    @Test func takingLeavesAnEmptyBuffer() {
        var buffer = OutputBuffer()
        buffer.append("text")
        let taken = buffer.take()
        #expect(taken.bytes.string == "text")
        #expect(buffer.count == 0)
        #expect(buffer.capacity == 0)
    }

    @Test func shrinkingGivesBackOnlyUnusedMemory() {
        var buffer = OutputBuffer(capacity: 1000)
        buffer.append("x")
        buffer.shrink(over: 100)
        #expect(buffer.capacity == 1000)
        buffer.removeAll()
        buffer.shrink(over: 1000)
        #expect(buffer.capacity == 1000)
        buffer.shrink(over: 999)
        #expect(buffer.capacity == 0)
        buffer.append("works again")
        #expect(buffer.bytes.string == "works again")
    }
}

struct GrowableArrayTests {
    @Test func behavesAsAnArray() {
        var array = GrowableArray<Int>(capacity: 1)
        var model: [Int] = []
        var random = SplitMix64(seed: 4)
        for step in 0..<5_000 {
            let index = model.isEmpty ? 0 : Int(random.next() % UInt64(model.count))
            switch random.next() % 8 {
            case 0 where !model.isEmpty:
                array.swapRemove(at: index)
                model.swapAt(index, model.count - 1)
                model.removeLast()
            case 1 where random.next() % 16 == 0:
                array.removeFirst(index)
                model.removeFirst(index)
            case 2: #expect(array.popLast() == model.popLast())
            case 3 where !model.isEmpty:
                array[index] = -step
                model[index] = -step
            default:
                array.append(step)
                model.append(step)
            }
            let content = (0..<array.count).map { array[$0] }
            if content != model { Issue.record("the elements differ") }
        }
    }
}
