import Base
import Glibc
import Placement
import Testing

@testable import Engine

/// An engine without a network: requests go in as bytes and replies come out as text.
@safe
struct Harness: ~Copyable {
    /// In a place of its own, so that what it logged can be looked at in the end.
    private let place: UnsafeMutablePointer<Engine>
    private let isLogged: Bool
    let compressedOver: Int
    var engine: Engine {
        _read { yield unsafe place.pointee }
        nonmutating _modify { yield unsafe &place.pointee }
    }
    private var pipeline = Pipeline()
    var version = ProtocolVersion.resp2
    /// The snapshot that is being written beside the commands, or was.
    var snapshot: SnapshotInTest
    /// Where set, what is long is done in parts of at most so many elements.
    var partMax: Int? { didSet { engine.postponed.isPossible = partMax != nil } }

    /// 2025-01-01, so that absolute times in tests are readable.
    static let start: Int64 = 1_735_689_600_000

    /// Strings of more than so many bytes are compressed; 0: none are. For all harnesses of which
    /// the test does not say it, `GYRE_COMPRESS_OVER` says it.
    static let compressedOver: Int? =
        unsafe getenv("GYRE_COMPRESS_OVER").flatMap { unsafe Int(String(cString: $0)) }

    /// - Parameters:
    ///   - isLogged: what is done is logged, and played back in the end.
    ///   - compressedOver: strings of more than so many bytes are compressed, 0: none are; nil: one
    ///     seed in four says so.
    init(seed: UInt64 = 1, isLogged: Bool = true, compressedOver: Int? = nil) {
        self.isLogged = isLogged
        let isCompressing = seed % 4 == 3
        self.compressedOver = compressedOver ?? Self.compressedOver ?? (isCompressing ? 24 : 0)
        snapshot = SnapshotInTest(seed: seed, isOn: isLogged)
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(
            to: Engine(
                core: CoreIndex(0), routing: RoutingTable(singleNodeWithCores: 1), seed: seed,
                hashSeed: seed))
        engine.keyspace.now = Self.start
        engine.keyspace.compressStrings(over: self.compressedOver)
        if isLogged { engine.keyspace.log.turnOn(owned: .all) }
    }

    /// Of another one's engine and snapshot, which are this one's from now on.
    private init(
        taking place: UnsafeMutablePointer<Engine>, _ snapshot: SnapshotInTest,
        compressedOver: Int
    ) {
        unsafe self.place = place
        self.snapshot = snapshot
        isLogged = false
        self.compressedOver = compressedOver
    }

    deinit {
        if isLogged {
            var reader = unsafe Harness(taking: place, snapshot, compressedOver: compressedOver)
            ReplayCheck.run(&reader)
            return
        }
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    /// From now on nothing is done in parts, and RESP2 is spoken.
    mutating func readAtOnce() {
        engine.limits.atOnceMax = .max
        engine.limits.replyLengthMax = .max
        partMax = nil
        version = .resp2
    }

    /// Runs one command given as words separated by single spaces; returns the reply as it is sent.
    mutating func raw(_ line: String) -> String {
        raw(line.split(separator: " ").map { Array($0.utf8) })
    }

    mutating func raw(_ words: [[UInt8]]) -> String {
        String(decoding: send(Self.request(words)), as: UTF8.self)
    }

    /// As ``raw(_:)``, with the reply's lines separated by spaces: "$1 v".
    mutating func run(_ line: String) -> String {
        Self.flat(raw(line))
    }

    mutating func run(_ words: [String]) -> String {
        Self.flat(raw(words.map { Array($0.utf8) }))
    }

    private static func flat(_ reply: String) -> String {
        var lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines.joined(separator: " ")
    }

    /// Reads and runs all requests in `bytes`; returns the replies.
    mutating func send(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { buffer in
            let input = unsafe Bytes(buffer)
            let limits = RequestLimits(
                bulkLengthMax: engine.limits.stringLengthMax, isAuthenticated: true)
            var offset = 0
            var partial: PartialRequest?
            while offset < input.count {
                pipeline.removeAll()
                let outcome = unsafe place.pointee.read(
                    input, &offset, limits, countMax: Pipeline.requestCountMax, into: &pipeline,
                    &partial)
                engine.reply.version = version
                runPipeline()
                // As at a turn's end.
                if compressedOver > 0 { engine.postponed.spent = 0 }
                unsafe snapshot.advance(&place.pointee)
                if case .more = outcome { continue }
                if case .invalid(let fault) = outcome { engine.reply.error(fault) }
                break
            }
        }
        let replies = unsafe Array(engine.reply.buffer.bytes.buffer)
        engine.reply.buffer.removeAll()
        return replies
    }

    private mutating func runPipeline() {
        unsafe place.pointee.prefetchEntries(pipeline)
        var index = 0
        while index < pipeline.requests.count {
            index = unsafe place.pointee.run(pipeline, from: index)
            if index == pipeline.requests.count { return }
            let request = pipeline.requests[index]
            if engine.takePostponed() {
                work(request)
                index += 1
                continue
            }
            switch request.route {
            case .unknown, .arity, .unknownSubcommand:
                unsafe place.pointee.refuse(request, pipeline.invocation(index))
            case .blocking: unsafe place.pointee.run(request, pipeline)
            case .core, .cores, .patterns, .blockingCores, .node: engine.reply.simple("NODE")
            }
            index += 1
        }
    }

    /// Does a request's work in parts, all of whose sizes come up.
    private mutating func work(_ request: Request) {
        var work = unsafe place.pointee.beginWork(request, pipeline)
        var budget = 1
        while true {
            var left = budget
            if unsafe work.step(&place.pointee, budget: &left) { break }
            budget = budget % (partMax ?? 1) + 1
            engine.keyspace.reclaim(budget: 2)
        }
        unsafe place.pointee.pinKeys(request, pipeline, false)
    }

    static func request(_ words: [[UInt8]]) -> [UInt8] {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words {
            bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10]
        }
        return bytes
    }

    /// Lets time pass.
    mutating func advance(milliseconds: Int64) {
        engine.keyspace.now += milliseconds
    }
}

/// Calls `body` with a reference to `key` in the engine's keyspace.
func withKey<Result>(
    _ key: [UInt8], _ harness: inout Harness, _ body: (inout Keyspace, KeyReference) -> Result
) -> Result {
    unsafe key.withUnsafeBytes { buffer in
        let reference = harness.engine.reference(unsafe Bytes(buffer))
        return body(&harness.engine.keyspace, reference)
    }
}

/// The stamps of the slots that keys are in.
func slotStamps(of keys: [String], _ harness: inout Harness) -> [UInt64] {
    keys.map { key in
        withKey(Array(key.utf8), &harness) { $0.stamp(ofSlot: $1.slot).rawValue }
    }
}

/// Runs lines that each write one key, their second word: each takes exactly one stamp, and the
/// key, should it be there afterwards, carries it.
///
/// - Returns: the lines after which the key was gone.
@discardableResult
func checkStamps(of lines: [String], _ harness: inout Harness) -> [String] {
    lines.filter { line in
        let key = Array(line.split(separator: " ")[1].utf8)
        let before = withKey(key, &harness) { $0.stamp(ofSlot: $1.slot).rawValue }
        _ = harness.run(line)
        let (after, stamp) = withKey(key, &harness) {
            ($0.stamp(ofSlot: $1.slot).rawValue, $0.find($1)?.entry.stamp.rawValue)
        }
        #expect(after == before + 1, "\(line)")
        if let stamp { #expect(stamp == after, "\(line)") }
        return stamp == nil
    }
}
