// LCS: the longest common subsequence of two strings, by the classic table of prefixes' lengths,
// which the way back from its last corner is then read from. The table's bytes are limited as a
// string's are.
//
// Source: Wagner and Fischer, "The String-to-String Correction Problem", JACM 1974.

import Base

/// The words behind the keys of LCS.
private struct SubsequenceOptions {
    var returnsLength = false
    var returnsMatches = false
    var withLengths = false
    var matchLengthMin: Int64 = 0
}

/// A run of bytes that both strings share.
private struct SubsequenceMatch: BitwiseCopyable {
    var first: Int
    var second: Int
    var length: Int
}

extension Engine {
    /// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN]
    @inline(never)
    mutating func longestCommonSubsequence(_ call: Invocation) {
        let firstEntry = keyspace.readInflated(call.key)
        // Entries stay where they are while the second key is looked up, even should that one
        // expire.
        let secondEntry = keyspace.readInflated(reference(call[2]))
        if firstEntry?.isString == false || secondEntry?.isString == false {
            fail(.lcsNotStrings)
            return
        }
        let first = firstEntry?.value ?? .bytes(Bytes())
        let second = secondEntry?.value ?? .bytes(Bytes())
        guard let options = readSubsequenceOptions(call) else { return }
        if options.returnsLength, options.returnsMatches {
            fail(.lcsBothOptions)
            return
        }
        first.withBytes { first in
            second.withBytes { second in
                replyCommonSubsequence(first, second, options)
            }
        }
    }

    private mutating func readSubsequenceOptions(_ call: Invocation) -> SubsequenceOptions? {
        var options = SubsequenceOptions()
        var index = 3
        while index < call.count {
            let word = call[index]
            if word.equalsIgnoringCase("idx") {
                options.returnsMatches = true
            } else if word.equalsIgnoringCase("len") {
                options.returnsLength = true
            } else if word.equalsIgnoringCase("withmatchlen") {
                options.withLengths = true
            } else if word.equalsIgnoringCase("minmatchlen"), index + 1 < call.count {
                guard let length = call[index + 1].canonicalInteger else {
                    fail(.notInteger)
                    return nil
                }
                options.matchLengthMin = max(length, 0)
                index += 1
            } else {
                fail(.syntax)
                return nil
            }
            index += 1
        }
        return options
    }

    private mutating func replyCommonSubsequence(
        _ first: Bytes, _ second: Bytes, _ options: SubsequenceOptions
    ) {
        if max(first.count, second.count) >= Int(UInt32.max) - 1 {
            fail(.lcsTooLong)
            return
        }
        let (cells, overflow) = (first.count + 1).multipliedReportingOverflow(by: second.count + 1)
        if overflow || cells > limits.stringLengthMax / MemoryLayout<UInt32>.size {
            fail(.lcsMemory)
            return
        }
        let table = SubsequenceTable(first, second, cells: cells)
        if options.returnsLength {
            reply.integer(table.length)
        } else if options.returnsMatches {
            replyMatches(table, options)
        } else {
            var common = OutputBuffer(capacity: max(table.length, 1))
            unsafe _ = common.reserve(table.length)
            let start = unsafe common.start
            var end = table.length
            table.forEachMatch { match in
                end -= match.length
                let bytes = first.slice(match.first, match.first + match.length)
                unsafe (start + end).copyMemory(from: bytes.start, byteCount: bytes.count)
            }
            common.advance(table.length)
            reply.bulk(common.bytes)
        }
    }

    private mutating func replyMatches(
        _ table: borrowing SubsequenceTable, _ options: SubsequenceOptions
    ) {
        var matches = GrowableArray<SubsequenceMatch>()
        table.forEachMatch { match in
            if match.length >= options.matchLengthMin { matches.append(match) }
        }
        reply.map(2)
        reply.bulk("matches")
        reply.array(matches.count)
        for index in 0..<matches.count {
            let match = matches[index]
            reply.array(options.withLengths ? 3 : 2)
            replyRange(match.first, match.length)
            replyRange(match.second, match.length)
            if options.withLengths { reply.integer(match.length) }
        }
        reply.bulk("len")
        reply.integer(table.length)
    }

    private mutating func replyRange(_ start: Int, _ length: Int) {
        reply.array(2)
        reply.integer(start)
        reply.integer(start + length - 1)
    }
}

/// The length of the longest common subsequence of every two prefixes.
@safe
private struct SubsequenceTable: ~Copyable {
    private let first: Bytes
    private let second: Bytes
    private let lengths: UnsafeMutablePointer<UInt32>

    /// - Parameter cells: (first.count + 1) × (second.count + 1), which the caller has found
    ///   affordable.
    init(_ first: Bytes, _ second: Bytes, cells: Int) {
        self.first = first
        self.second = second
        unsafe lengths = .allocate(capacity: cells)
        let width = second.count + 1
        unsafe lengths.initialize(repeating: 0, count: width)
        for row in 1..<max(first.count + 1, 1) {
            let byte = first[row - 1]
            let above = unsafe lengths + (row - 1) * width
            let line = unsafe lengths + row * width
            unsafe line[0] = 0
            for column in 1..<max(width, 1) {
                let other = unsafe second.start.load(fromByteOffset: column &- 1, as: UInt8.self)
                unsafe line[column] =
                    byte == other
                    ? above[column &- 1] &+ 1 : max(above[column], line[column &- 1])
            }
        }
    }

    deinit {
        unsafe lengths.deallocate()
    }

    /// The length for the whole strings.
    var length: Int { Int(at(first.count, second.count)) }

    private func at(_ row: Int, _ column: Int) -> UInt32 {
        unsafe lengths[row * (second.count + 1) + column]
    }

    /// Visits the runs of one longest subsequence, the last one first. Of several subsequences it
    /// is the one that Redis finds: the second string is shortened unless that loses length.
    func forEachMatch(_ visit: (SubsequenceMatch) -> Void) {
        var row = first.count
        var column = second.count
        var run = 0
        while row > 0, column > 0 {
            if first[row - 1] == second[column - 1] {
                run += 1
                row -= 1
                column -= 1
                continue
            }
            if run > 0 { visit(SubsequenceMatch(first: row, second: column, length: run)) }
            run = 0
            if at(row - 1, column) > at(row, column - 1) { row -= 1 } else { column -= 1 }
        }
        if run > 0 { visit(SubsequenceMatch(first: row, second: column, length: run)) }
    }
}
