import Base

extension Bytes {
    /// How many bytes the reply takes that begins at `start`, nested ones included; nil where it
    /// does not end inside. For replies of our own making; cold paths only.
    func replyLength(at start: Int) -> Int? {
        var offset = start
        var pending = 1
        while pending > 0 {
            guard let end = lineEnd(from: offset) else { return nil }
            let mark = self[offset]
            let number = slice(offset + 1, end).canonicalInteger.map { Int($0) } ?? 0
            offset = end + 2
            pending -= 1
            switch mark {
            case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
                if number >= 0 { offset += number + 2 }
            case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"):
                pending += max(number, 0)
            case UInt8(ascii: "%"): pending += number * 2
            case UInt8(ascii: "|"): pending += number * 2 + 1
            default: break
            }
            if offset > count { return nil }
        }
        return offset - start
    }

    /// Where the line that `start` is in ends: the place of its carriage return.
    private func lineEnd(from start: Int) -> Int? {
        var index = start
        while index + 1 < count {
            if self[index] == 13, self[index + 1] == 10 { return index }
            index += 1
        }
        return nil
    }
}
