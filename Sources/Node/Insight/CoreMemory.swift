import Base
import Engine

/// What a core's memory goes to, in bytes. Kept by those who allocate; nothing is estimated but
/// where that is said.
struct CoreMemory: BitwiseCopyable {
    /// Entries and values.
    var dataset = 0
    /// The slots' own tables, which are there from the start.
    var slotTables = 0
    /// Buckets and directories of the slots' tables and of large collections'.
    var hashTables = 0
    /// Buffers and queues of clients; of a client's object its size, about.
    var clients = 0
    /// The parcels that nobody uses at the moment, and as many bytes for each that somebody does.
    var parcels = 0
    /// Histograms and the slow log.
    var insight = 0
    /// What clients hold in caches of their own; an estimate.
    var tracking = 0
    /// What the keys' allocator has and uses.
    var allocator = AllocatorBytes()

    /// All of it.
    var used: Int { dataset + overhead }
    /// All that is neither a key nor a value.
    var overhead: Int { slotTables + hashTables + clients + parcels + insight + tracking }
}

extension Core {
    /// Adds up this core's memory; looks at each client.
    func measureMemory(_ report: inout CoreReport) {
        var memory = CoreMemory()
        memory.slotTables = Keyspace.slotTableBytes
        memory.hashTables = engine.keyspace.tableBytes
        memory.dataset = engine.keyspace.usedBytes - memory.hashTables
        memory.allocator = engine.keyspace.allocatorBytes
        memory.parcels = parcels.byteCount
        memory.tracking = engine.keyspace.watches.trackedBytes
        memory.insight = engine.insight.byteCount + slowLog.byteCount
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place) else { continue }
            if !connection.state.stall.hasBegun { report.stalledConnections += 1 }
            let input = connection.state.input.capacity
            let output = connection.state.outputCapacity
            memory.clients += input + output + Self.clientObjectBytes
            memory.clients += connection.state.details.queue?.byteCount ?? 0
            report.inputBufferMax = max(report.inputBufferMax, input)
            report.outputBufferMax = max(report.outputBufferMax, output)
        }
        report.memory = memory
    }

    /// A connection, its details and its texts, about.
    private static var clientObjectBytes: Int { MemoryLayout<Connection>.size + 320 }
}

extension ParcelPool {
    /// What all of this core's parcels take: those that are here are asked, the others are taken
    /// for empty ones.
    var byteCount: Int {
        var sum = outCount * Parcel.emptyBytes
        for place in 0..<freeCount { sum += freeParcel(place).content.byteCount }
        return sum
    }
}

extension Parcel {
    /// The tables that a parcel is made with.
    static let emptyBytes = 32_768

    var byteCount: Int {
        Self.emptyBytes + requests.byteCount + reply.capacity + parts.capacity
    }
}

// MARK: - MEMORY

/// All cores' memory, and what the operating system says of the process.
struct MemoryReport {
    private(set) var memory = CoreMemory()
    let peak: Int
    let keys: Int
    let clients: Int
    let process: ProcessUsage

    init(_ report: NodeReport) {
        for core in report.cores { memory.add(core.memory) }
        keys = report.sum(\.keys)
        clients = report.sum(\.connections)
        // Cores do not peak at the same time, so this is an upper bound.
        peak = max(report.sum(\.memoryPeakBytes), memory.used)
        process = report.process
    }

    var resident: Int { max(process.residentBytes, 1) }
    /// What a node takes before it holds anything.
    var startup: Int { memory.slotTables }
    var datasetShare: Double { share(memory.dataset, of: memory.used - startup) }
    var peakShare: Double { share(memory.used, of: peak) }
    var allocatorResident: Int { min(memory.allocator.resident, resident) }
    var fragmentation: Double { share(resident, of: memory.used) }
    var allocatorFragmentation: Double {
        share(memory.allocator.active, of: memory.allocator.used)
    }
    var allocatorOverhead: Double { share(allocatorResident, of: memory.allocator.active) }
    var processOverhead: Double { share(resident, of: allocatorResident) }

    /// A quotient that is 0 where there is nothing to divide by.
    private func share(_ part: Int, of whole: Int) -> Double {
        whole <= 0 ? 0 : Double(part) / Double(whole)
    }
}

extension CoreMemory {
    mutating func add(_ other: CoreMemory) {
        dataset += other.dataset
        slotTables += other.slotTables
        hashTables += other.hashTables
        clients += other.clients
        parcels += other.parcels
        insight += other.insight
        tracking += other.tracking
        allocator.used += other.allocator.used
        allocator.active += other.allocator.active
        allocator.resident += other.allocator.resident
    }
}
