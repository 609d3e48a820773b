import Base
import Foundation
import Testing

@testable import Engine

/// What a stream of bytes was read as.
private struct Parsed: Equatable {
    var requests: [[[UInt8]]] = []
    var fault: String?
}

/// Offers `bytes` as they would arrive when cut at `cuts`, keeping what is incomplete, as a
/// connection does.
private func parse(_ bytes: [UInt8], cuts: [Int], isAuthenticated: Bool = true) -> Parsed {
    let limits = RequestLimits(bulkLengthMax: 1 << 20, isAuthenticated: isAuthenticated)
    let parser = RequestParser(limits: limits)
    var arguments = GrowableArray<Bytes>()
    var scratch = OutputBuffer()
    var partial: PartialRequest?
    var parsed = Parsed()
    var start = 0
    for end in cuts + [bytes.count] {
        // Fresh memory each time: a view kept from an earlier offer would show.
        let offered = Array(bytes[start..<end])
        let consumed = unsafe offered.withUnsafeBytes { buffer -> Int? in
            let input = unsafe Bytes(buffer)
            var offset = 0
            while offset < input.count {
                arguments.removeAll()
                let before = offset
                // What the quick way reads is what the other reads, and nothing is lost to it.
                var short = GrowableArray<Bytes>()
                var behind = offset
                let isShort = partial == nil && parser.parseShort(input, &behind, &short)
                if !isShort, behind != offset || short.count > 0 {
                    Issue.record("what the quick way does not read is left as it is")
                }
                defer {
                    let isAlike =
                        behind == offset && short.count == arguments.count
                        && (0..<short.count).allSatisfy { short[$0] == arguments[$0] }
                    if isShort, !isAlike { Issue.record("the quick way reads something else") }
                }
                switch parser.parse(input, &offset, &arguments, &scratch, &partial) {
                case .complete:
                    if arguments.count == 0 { continue }
                    parsed.requests.append(
                        (0..<arguments.count).map { unsafe Array(arguments[$0].buffer) })
                case .incomplete(let total):
                    // Not #expect: this runs a million times.
                    if offset != before || arguments.count > 0 || total <= input.count - offset {
                        Issue.record("an incomplete request is left as it is and needs more")
                    }
                    return offset
                case .invalid(let fault):
                    #expect(arguments.count == 0)
                    parsed.fault = "\(fault)"
                    return nil
                }
            }
            return offset
        }
        guard let consumed else { break }
        start += consumed
    }
    return parsed
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The files of `Corpus`: good requests that the tests split and mutate.
private let corpus: [[UInt8]] = {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
    let files = try? FileManager.default.contentsOfDirectory(
        at: directory, includingPropertiesForKeys: nil)
    return (files ?? []).sorted { $0.path < $1.path }.compactMap { file in
        (try? Data(contentsOf: file)).map { Array($0) }
    }
}()

struct RequestParserTests {
    @Test(arguments: corpus)
    func everySplitGivesTheSame(request: [UInt8]) {
        let whole = parse(request, cuts: [])
        #expect(!whole.requests.isEmpty)
        #expect(corpus.count >= 6)
        for cut in 1..<request.count {
            #expect(parse(request, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(parse(request, cuts: Array(1..<request.count)) == whole, "byte by byte")
    }

    @Test(arguments: [
        ("*x\r\n", "multibulkLength"), ("*2147483648\r\n", "multibulkLength"),
        ("*1\r\n$-1\r\n", "bulkLength"), ("*1\r\n$1048577\r\n", "bulkLength"),
        ("*1\r\n$a\r\n", "bulkLength"), ("*1\r\n:1\r\n", "expectedDollar(58)"),
        ("SET \"a\r\n", "unbalancedQuotes"), ("SET \"a\"b\r\n", "unbalancedQuotes"),
        ("*01\r\n$1\r\n", "multibulkLength"), ("*1\r\n$+1\r\n", "bulkLength"),
    ])
    func whatIsNoRequestIsRefused(text: String, fault: String) {
        #expect(parse(bytes(text), cuts: []).fault == fault)
    }

    @Test func lineLengthsAreLimited() {
        let long = [UInt8](repeating: UInt8(ascii: "1"), count: 70_000)
        #expect(parse(long, cuts: []).fault == "inlineTooBig")
        #expect(parse(bytes("*") + long, cuts: []).fault == "multibulkCountTooBig")
        #expect(parse(bytes("*1\r\n$") + long, cuts: []).fault == "bulkCountTooBig")
    }

    @Test func whoIsNotAuthenticatedMaySendLittle() {
        let many = parse(bytes("*11\r\n"), cuts: [], isAuthenticated: false)
        #expect(many.fault == "unauthenticatedMultibulkLength")
        let long = parse(bytes("*1\r\n$16385\r\n"), cuts: [], isAuthenticated: false)
        #expect(long.fault == "unauthenticatedBulkLength")
        #expect(parse(bytes("*10\r\n$16384\r\n"), cuts: [], isAuthenticated: false).fault == nil)
    }

    @Test(arguments: [
        ("SET  k   v ", ["SET", "k", "v"]), ("\"a\\x41\\n\" 'b\\'c'", ["aA\n", "b'c"]),
        ("a\"b c\" d", ["ab c", "d"]), ("\"\" ''", ["", ""]), ("\"\\q\\\"\"", ["q\""]),
        ("'\\n'", ["\\n"]),
    ])
    func inlineWordsAreUnquoted(line: String, words: [String]) {
        #expect(parse(bytes(line + "\r\n"), cuts: []).requests == [words.map(bytes)])
    }

    /// Mutates good requests; whatever comes out, splitting it changes nothing and nothing breaks.
    /// Runs for GYRE_FUZZ_SECONDS where that is set, else for a fixed number of rounds.
    @Test func mutatedRequestsAreReadAlikeHoweverTheyArrive() {
        let seconds = ProcessInfo.processInfo.environment["GYRE_FUZZ_SECONDS"]
            .flatMap(Double.init)
        let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        var random = SplitMix64(seed: 42)
        var round = 0
        while deadline.map({ ContinuousClock.now < $0 }) ?? (round < 3_000) {
            round += 1
            var input = corpus[Int(random.next() % UInt64(corpus.count))]
            for _ in 0..<(1 + random.next() % 4) { mutate(&input, &random) }
            if input.isEmpty { continue }
            let whole = parse(input, cuts: [])
            let cuts = (0..<3).map { _ in Int(random.next() % UInt64(input.count)) }.sorted()
            if parse(input, cuts: cuts) != whole {
                Issue.record("\(input) is read otherwise when cut at \(cuts)")
                return
            }
        }
    }

    private func mutate(_ input: inout [UInt8], _ random: inout SplitMix64) {
        if input.isEmpty { return }
        let place = Int(random.next() % UInt64(input.count))
        let marks = bytes("*$\r\n0129-\"'\\x \0")
        switch random.next() % 4 {
        case 0: input[place] = marks[Int(random.next() % UInt64(marks.count))]
        case 1: input.remove(at: place)
        case 2: input.insert(marks[Int(random.next() % UInt64(marks.count))], at: place)
        default: input.removeLast(min(input.count, Int(random.next() % 8)))
        }
    }
}
