import Base
import Glibc
import Uring

/// The loop: every connection a closed circle of sending and counting, until the time is over or
/// every key has been filled in.
struct LoadGenerator: ~Copyable {
    private static let group = BufferGroup(rawValue: 0)
    private static let warmupNanoseconds: UInt64 = 300_000_000

    private let options: LoadOptions
    private let owners: SlotOwners
    private let getTemplate = RequestTemplate.get()
    private let setTemplate: RequestTemplate
    private var uring: Uring
    private var buffers: BufferRing
    private var connections: [LoadConnection]
    private var random = SplitMix64(seed: 0x5EED)
    private var keysFilled = 0
    private var latencies = LatencyHistogram()
    private var operations = 0
    private var startNanoseconds: UInt64 = 0
    private var endNanoseconds: UInt64 = 0
    private var serverCPUNanoseconds: UInt64 = 0

    init(_ options: LoadOptions) throws {
        let uring = try Uring(submissions: 2048, completions: 8192)
        let owners =
            options.cluster
            ? try SlotOwners(askingHost: options.host, port: options.ports[0])
            : SlotOwners(ports: options.ports)
        let buffers = try BufferRing(
            on: uring, group: Self.group, count: 1024, bufferSize: 16_384)
        connections = try Self.connect(options, owners)
        setTemplate = .set(valueBytes: options.valueBytes)
        self.uring = uring
        self.buffers = buffers
        self.options = options
        self.owners = owners
    }

    /// Opens the connections, spread evenly over the endpoints.
    private static func connect(
        _ options: LoadOptions, _ owners: SlotOwners
    ) throws -> [LoadConnection] {
        let requestBytes = RequestTemplate.set(valueBytes: options.valueBytes).count
        return try (0..<options.connections).map { number in
            let endpoint = number % owners.ports.count
            let socket = try FileDescriptor.connected(
                host: options.host, port: owners.ports[endpoint])
            socket.setNoDelay()
            return LoadConnection(
                socket: socket, endpoint: endpoint,
                requestBytesMax: options.pipeline * requestBytes)
        }
    }

    /// Runs to the end; throws when a connection breaks.
    mutating func run() throws {
        startNanoseconds = Clocks.monotonicNanoseconds()
        var isWarm = options.mode == .fill
        if isWarm { serverCPUNanoseconds = serverCPU() }
        for index in connections.indices {
            receive(on: index)
            fire(index)
        }
        let length = UInt64(options.seconds * 1e9)
        while true {
            uring.submitAndWait(for: 1)
            try walkCompletions()
            let now = Clocks.monotonicNanoseconds()
            if !isWarm && now >= startNanoseconds + Self.warmupNanoseconds {
                isWarm = true
                beginMeasuring(at: now)
            } else if isWarm && isOver(now, length) {
                break
            }
        }
        endNanoseconds = Clocks.monotonicNanoseconds()
        serverCPUNanoseconds = serverCPU() - serverCPUNanoseconds
    }

    /// The figures of the run, as name=value pairs.
    var summary: String {
        let seconds = Double(endNanoseconds - startNanoseconds) / 1e9
        let errors = connections.reduce(0) { $0 + $1.replies.errors }
        let misses = connections.reduce(0) { $0 + $1.replies.misses }
        let cpu = operations == 0 ? 0 : Int(serverCPUNanoseconds) / operations
        let quantiles = [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)].map { name, quantile in
            "\(name)_us=\(Int(latencies.microseconds(atQuantile: quantile)))"
        }
        return """
            operations=\(operations) per_second=\(Int(Double(operations) / seconds)) \
            \(quantiles.joined(separator: " ")) errors=\(errors) misses=\(misses) \
            server_cpu_ns_per_operation=\(cpu)
            """
    }

    private mutating func beginMeasuring(at now: UInt64) {
        startNanoseconds = now
        operations = 0
        latencies.removeAll()
        for index in connections.indices { connections[index].replies.clearFigures() }
        serverCPUNanoseconds = serverCPU()
    }

    private func isOver(_ now: UInt64, _ length: UInt64) -> Bool {
        if options.mode == .fill { return operations >= options.keys }
        return now >= startNanoseconds + length
    }

    private func serverCPU() -> UInt64 {
        options.serverPIDs.reduce(0) { $0 + ServerCPU.nanoseconds(of: $1) }
    }

    private mutating func walkCompletions() throws {
        var batch = uring.completions()
        while let completion = batch.next() {
            let index = Int(completion.token.index)
            if Operation(rawValue: completion.token.kind) == .receive {
                try received(completion, on: index)
            } else if completion.result < 0 {
                throw LoadFailure("send: \(SystemError.message(-completion.result))")
            }
        }
        uring.retire(batch)
        buffers.publish()
    }

    private mutating func received(_ completion: Completion, on index: Int) throws {
        if completion.isOutOfBuffers { return receive(on: index) }
        guard let id = completion.buffer, completion.result > 0 else {
            throw LoadFailure("the server closed a connection (\(completion.result))")
        }
        let bytes = unsafe buffers.received(id, length: Int(completion.result))
        let count = unsafe connections[index].replies.count(bytes)
        buffers.recycle(id)
        if !completion.hasMore { receive(on: index) }
        operations += count
        connections[index].pending -= count
        if count > 0 && connections[index].pending == 0 { circleCompleted(index) }
    }

    private mutating func circleCompleted(_ index: Int) {
        let elapsed = Clocks.monotonicNanoseconds() - connections[index].sentNanoseconds
        latencies.record(nanoseconds: elapsed, count: options.pipeline)
        fire(index)
    }

    /// Sends the next pipeline, if there is one.
    private mutating func fire(_ index: Int) {
        let length = writePipeline(index)
        if length == 0 { return }
        connections[index].sentNanoseconds = Clocks.monotonicNanoseconds()
        unsafe uring.send(
            connections[index].socket,
            UnsafeRawBufferPointer(start: connections[index].requests, count: length),
            token: token(.send, index))
    }

    private mutating func writePipeline(_ index: Int) -> Int {
        var length = 0
        for _ in 0..<options.pipeline {
            guard let key = nextKey(for: connections[index].endpoint) else { break }
            let template = nextIsSet() ? setTemplate : getTemplate
            unsafe template.write(key: key, to: connections[index].requests + length)
            length += template.count
            connections[index].pending += 1
        }
        return length
    }

    private mutating func nextKey(for endpoint: Int) -> Int? {
        if options.mode == .fill {
            if keysFilled == options.keys { return nil }
            keysFilled += 1
            return keysFilled - 1
        }
        while true {
            let key = Int(random.next() % UInt64(options.keys))
            if owners.owner(ofKey: key) == endpoint { return key }
        }
    }

    private mutating func nextIsSet() -> Bool {
        switch options.mode {
        case .set, .fill: true
        case .get: false
        case .mix: random.next() & 7 == 0
        }
    }

    private mutating func receive(on index: Int) {
        uring.receiveMultishot(
            connections[index].socket, group: Self.group, token: token(.receive, index))
    }

    private func token(_ operation: Operation, _ index: Int) -> OperationToken {
        OperationToken(kind: operation.rawValue, generation: 0, index: UInt32(index))
    }

    private enum Operation: UInt8 {
        case receive, send
    }
}
