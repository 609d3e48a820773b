// Reading requests.
//
// A request is an array of bulk strings ("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n") or a line of words ("GET
// k\r\n"). Nothing is copied: arguments are views into the bytes given. A request may be split at
// any byte; what is incomplete stays with the caller, who offers it again with more behind it.
//
// So that an offer costs what it adds, not what it repeats, an incomplete request says how long it
// must at least become, and one of many arguments keeps what was read of it (``PartialRequest``).
//
// Source: the Redis serialization protocol specification; limits and error texts are those of Redis
// 7.0.

import Base

/// Why a connection is closed: its bytes are no requests.
package enum ProtocolFault {
    case multibulkLength
    case unauthenticatedMultibulkLength
    case bulkLength
    case unauthenticatedBulkLength
    case multibulkCountTooBig
    case bulkCountTooBig
    case inlineTooBig
    case unbalancedQuotes
    case expectedDollar(UInt8)
}

/// What one attempt to read a request came to.
package enum ParseOutcome {
    /// A request was read; no arguments mean an empty one, which is passed over.
    case complete
    /// More bytes are needed: at least `total`, counted from the request's start.
    case incomplete(total: Int)
    case invalid(ProtocolFault)
}

/// What a connection may send.
package struct RequestLimits {
    /// The longest argument, in bytes (proto-max-bulk-len).
    package var bulkLengthMax: Int
    /// A client that has yet to authenticate may only send what AUTH and HELLO need.
    package var isAuthenticated: Bool

    package static let inlineLengthMax = 65_536
    static let multibulkCountMax = Int64(Int32.max)
    static let unauthenticatedMultibulkCountMax: Int64 = 10
    static let unauthenticatedBulkLengthMax: Int64 = 16_384

    package init(bulkLengthMax: Int, isAuthenticated: Bool) {
        self.bulkLengthMax = bulkLengthMax
        self.isAuthenticated = isAuthenticated
    }
}

/// How far an incomplete request of many arguments was read.
package struct PartialRequest: ~Copyable {
    /// Where an argument lies, counted from the request's start.
    struct Range: BitwiseCopyable {
        var offset: Int
        var length: Int
    }

    /// A request with fewer arguments read than this is simply read again.
    static let argumentCountMin = 32

    var expected: Int
    var offset: Int
    var ranges: GrowableArray<Range>

    init(expected: Int, offset: Int, capacity: Int) {
        self.expected = expected
        self.offset = offset
        ranges = GrowableArray(capacity: capacity)
    }
}

/// Reads requests one at a time; see the essay above.
struct RequestParser {
    let limits: RequestLimits

    /// Reads the request that starts at `offset` of `input`.
    ///
    /// On ``ParseOutcome/complete`` its arguments have been appended to `arguments` and `offset` is
    /// behind it; otherwise both are as they were. `scratch` takes the words of an inline request
    /// whose quotes had to be resolved: views into it live until it is written again, so a batch
    /// ends with such a request.
    @inline(__always)
    func parse(
        _ input: Bytes, _ offset: inout Int, _ arguments: inout GrowableArray<Bytes>,
        _ scratch: inout OutputBuffer, _ partial: inout PartialRequest?
    ) -> ParseOutcome {
        let start = offset
        if unsafe input.start.load(fromByteOffset: start, as: UInt8.self) != UInt8(ascii: "*") {
            return parseInline(input, &offset, &arguments, &scratch)
        }
        if _slowPath(partial != nil) { return resume(input, &offset, &arguments, &partial) }
        var reader = LineReader(input: input, offset: start + 1)
        switch reader.readNumber() {
        case .number(let number):
            if let fault = check(multibulkCount: number) { return .invalid(fault) }
            return parseArguments(
                Int(number), input, start, reader.offset, &offset, &arguments, &partial)
        case .invalid: return .invalid(.multibulkLength)
        case .incomplete:
            return input.count - start > RequestLimits.inlineLengthMax
                ? .invalid(.multibulkCountTooBig) : .incomplete(total: input.count - start + 1)
        }
    }

    @inline(__always)
    private func parseArguments(
        _ expected: Int, _ input: Bytes, _ start: Int, _ firstOffset: Int, _ offset: inout Int,
        _ arguments: inout GrowableArray<Bytes>, _ partial: inout PartialRequest?
    ) -> ParseOutcome {
        let countBefore = arguments.count
        var reader = LineReader(input: input, offset: firstOffset)
        var left = expected
        while left > 0 {
            let position = reader.offset
            switch readBulk(&reader) {
            case .complete(let bulk): arguments.append(bulk)
            case .incomplete(let needed):
                let parsed = arguments.count - countBefore
                if parsed >= PartialRequest.argumentCountMin {
                    partial = keep(arguments, parsed, expected, input, start, position)
                }
                arguments.removeLast(parsed)
                return .incomplete(total: needed - start)
            case .invalid(let fault):
                arguments.removeLast(arguments.count - countBefore)
                return .invalid(fault)
            }
            left &-= 1
        }
        offset = reader.offset
        return .complete
    }

    enum Bulk {
        case complete(Bytes)
        case incomplete(needed: Int)
        case invalid(ProtocolFault)
    }

    /// Reads "$3\r\nGET\r\n".
    @inline(__always)
    private func readBulk(_ reader: inout LineReader) -> Bulk {
        let input = reader.input
        if reader.offset >= input.count { return .incomplete(needed: input.count + 1) }
        let mark = unsafe input.start.load(fromByteOffset: reader.offset, as: UInt8.self)
        if _slowPath(mark != UInt8(ascii: "$")) { return noDollar(reader, mark) }
        let lineStart = reader.offset
        reader.offset &+= 1
        switch reader.readNumber() {
        case .number(let length):
            if let fault = check(bulkLength: length) { return .invalid(fault) }
            let end = reader.offset &+ Int(length)
            if _slowPath(end &+ 2 > input.count) { return .incomplete(needed: end &+ 2) }
            let bulk = unsafe Bytes(start: input.start + reader.offset, count: Int(length))
            reader.offset = end &+ 2
            return .complete(bulk)
        case .invalid: return .invalid(.bulkLength)
        case .incomplete:
            return input.count - lineStart > RequestLimits.inlineLengthMax
                ? .invalid(.bulkCountTooBig) : .incomplete(needed: input.count + 1)
        }
    }

    /// What stands where a bulk string should. As in Redis the line is judged once it is whole.
    @inline(never)
    private func noDollar(_ reader: LineReader, _ mark: UInt8) -> Bulk {
        let input = reader.input
        for index in reader.offset..<input.count where input[index] == 13 {
            return .invalid(.expectedDollar(mark))
        }
        return input.count - reader.offset > RequestLimits.inlineLengthMax
            ? .invalid(.bulkCountTooBig) : .incomplete(needed: input.count + 1)
    }

    // MARK: Limits

    @inline(__always)
    private func check(multibulkCount count: Int64) -> ProtocolFault? {
        if _slowPath(count > RequestLimits.unauthenticatedMultibulkCountMax) {
            if count > RequestLimits.multibulkCountMax { return .multibulkLength }
            if !limits.isAuthenticated { return .unauthenticatedMultibulkLength }
        }
        return nil
    }

    @inline(__always)
    private func check(bulkLength length: Int64) -> ProtocolFault? {
        if length < 0 { return .bulkLength }
        if _slowPath(length > RequestLimits.unauthenticatedBulkLengthMax) {
            if length > Int64(limits.bulkLengthMax) { return .bulkLength }
            if !limits.isAuthenticated { return .unauthenticatedBulkLength }
        }
        return nil
    }

    // MARK: Requests of many arguments

    /// Saves what was read, relative to the request's start: the bytes will move.
    private func keep(
        _ arguments: borrowing GrowableArray<Bytes>, _ parsed: Int, _ expected: Int,
        _ input: Bytes, _ start: Int, _ position: Int
    ) -> PartialRequest {
        var kept = PartialRequest(
            expected: expected, offset: position - start, capacity: parsed * 2)
        for index in (arguments.count - parsed)..<arguments.count {
            let argument = arguments[index]
            kept.ranges.append(
                PartialRequest.Range(
                    offset: unsafe argument.start - input.start - start, length: argument.count))
        }
        return kept
    }

    /// Goes on with a request that was kept.
    @inline(never)
    private func resume(
        _ input: Bytes, _ offset: inout Int, _ arguments: inout GrowableArray<Bytes>,
        _ partial: inout PartialRequest?
    ) -> ParseOutcome {
        guard var kept = partial.take() else { invariantFailed("a request was kept") }
        let start = offset
        var reader = LineReader(input: input, offset: start + kept.offset)
        while kept.ranges.count < kept.expected {
            let position = reader.offset
            switch readBulk(&reader) {
            case .complete(let bulk):
                kept.ranges.append(
                    PartialRequest.Range(
                        offset: unsafe bulk.start - input.start - start, length: bulk.count))
            case .incomplete(let needed):
                kept.offset = position - start
                partial = consume kept
                return .incomplete(total: needed - start)
            case .invalid(let fault): return .invalid(fault)
            }
        }
        for index in 0..<kept.ranges.count {
            let range = kept.ranges[index]
            arguments.append(
                input.slice(start + range.offset, start + range.offset + range.length))
        }
        offset = reader.offset
        return .complete
    }
}

/// Reads the number lines of the protocol: digits up to "\r\n".
struct LineReader {
    let input: Bytes
    var offset: Int

    enum Line {
        case number(Int64)
        case invalid
        case incomplete
    }

    /// Reads a number and its line end. Up to nine digits without a sign take the quick way; all
    /// else is read as Redis reads it, strictly.
    @inline(__always)
    mutating func readNumber() -> Line {
        var number: Int64 = 0
        var index = offset
        while index < input.count {
            let digit = unsafe input.start.load(fromByteOffset: index, as: UInt8.self) &- 48
            if digit > 9 { break }
            number = number &* 10 &+ Int64(digit)
            index &+= 1
        }
        let length = index &- offset
        if index &+ 1 < input.count, length > 0, length < 10,
            unsafe input.start.load(fromByteOffset: index, as: UInt8.self) == 13
        {
            let first = unsafe input.start.load(fromByteOffset: offset, as: UInt8.self)
            if first != 48 || length == 1 {
                offset = index &+ 2
                return .number(number)
            }
        }
        return readUnusualNumber()
    }

    @inline(never)
    private mutating func readUnusualNumber() -> Line {
        var index = offset
        while index < input.count, input[index] != 13 { index += 1 }
        if index + 1 >= input.count { return .incomplete }
        guard let number = input.slice(offset, index).canonicalInteger else { return .invalid }
        offset = index + 2
        return .number(number)
    }
}
