// MEMORY STATS, DOCTOR, MALLOC-STATS and PURGE: what the memory of all cores goes to.

import Base
import Engine
import Placement

extension Core {
    mutating func concludeMemory(_ call: Invocation, _ parts: [Bytes]) {
        switch call.command {
        case .memoryStats: writeMemoryStatistics(MemoryReport(NodeReport(parts)))
        case .memoryDoctor:
            engine.reply.verbatim(MemoryDoctor(MemoryReport(NodeReport(parts))).text)
        case .memoryMallocStats: engine.reply.verbatim(allocatorText(NodeReport(parts)))
        default: engine.reply.ok()
        }
    }

    // MARK: STATS

    private mutating func writeMemoryStatistics(_ report: MemoryReport) {
        let memory = report.memory
        let hasKeys = report.keys > 0
        engine.reply.map(hasKeys ? 28 : 27)
        figure("peak.allocated", report.peak)
        figure("total.allocated", memory.used)
        figure("startup.allocated", report.startup)
        figure("replication.backlog", 0)
        figure("clients.slaves", 0)
        figure("clients.normal", memory.clients)
        figure("cluster.links", 0)
        figure("aof.buffer", 0)
        figure("lua.caches", 0)
        figure("functions.caches", 0)
        if hasKeys {
            engine.reply.bulk("db.0")
            engine.reply.map(3)
            figure("overhead.hashtable.main", memory.hashTables)
            figure("overhead.hashtable.expires", 0)
            figure("overhead.hashtable.slot-to-keys", 0)
        }
        figure("overhead.total", memory.overhead)
        figure("keys.count", report.keys)
        figure(
            "keys.bytes-per-key",
            hasKeys ? max(memory.used - report.startup, 0) / report.keys : 0)
        figure("dataset.bytes", memory.dataset)
        quotient("dataset.percentage", report.datasetShare * 100)
        quotient("peak.percentage", report.peakShare * 100)
        figure("allocator.allocated", memory.allocator.used)
        figure("allocator.active", memory.allocator.active)
        figure("allocator.resident", report.allocatorResident)
        quotient("allocator-fragmentation.ratio", report.allocatorFragmentation)
        figure("allocator-fragmentation.bytes", memory.allocator.active - memory.allocator.used)
        quotient("allocator-rss.ratio", report.allocatorOverhead)
        figure("allocator-rss.bytes", report.allocatorResident - memory.allocator.active)
        quotient("rss-overhead.ratio", report.processOverhead)
        figure("rss-overhead.bytes", report.resident - report.allocatorResident)
        quotient("fragmentation", report.fragmentation)
        figure("fragmentation.bytes", report.resident - memory.used)
    }

    private mutating func figure(_ name: StaticString, _ value: Int) {
        engine.reply.bulk(name)
        engine.reply.integer(value)
    }

    /// A number that RESP2 has as a string.
    private mutating func quotient(_ name: StaticString, _ value: Double) {
        engine.reply.bulk(name)
        let text = "\(value)"
        if engine.reply.version == .resp2 {
            engine.reply.bulk(text)
        } else {
            OwnedBytes(",\(text)\r\n").withBytes { engine.reply.buffer.append($0) }
        }
    }

    // MARK: MALLOC-STATS

    /// What each core's allocator has: keys are in slabs of a core's own.
    private func allocatorText(_ report: NodeReport) -> String {
        var text = "Slabs: regions of 2 MiB in pages of 64 KiB, one size class a page.\n"
        for core in report.cores {
            let allocator = core.memory.allocator
            text += "core \(core.core): \(allocator.used) bytes in blocks, "
            text += "\(allocator.active) in pages in use and large blocks, "
            text += "\(allocator.resident) from the system\n"
        }
        return text
    }

    // MARK: PURGE

    /// Gives back what this core does not need: pages of the keys' allocator that nothing is
    /// in, and the buffers of clients that are idle.
    mutating func purgeMemory() {
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place) else { continue }
            connection.state.input.shrink(over: 0)
            connection.state.released.shrink(over: 0)
            // What the kernel sends from must stay where it is.
            if !connection.state.isSending { connection.state.sending.shrink(over: 0) }
        }
        engine.keyspace.releaseFreePages()
        if index.rawValue == 0 { outbox.append(.trimHeap) }
    }
}

/// MEMORY DOCTOR: what stands out in a node's memory, in sentences.
struct MemoryDoctor {
    let text: String

    /// Below this a look says nothing.
    private static let bytesMin = 5 << 20

    init(_ report: MemoryReport) {
        if report.memory.used - report.startup < Self.bytesMin {
            text = "There is less than 5 MiB of data: too little to say anything about it.\n"
            return
        }
        let findings = [
            Self.peak(report), Self.fragmentation(report), Self.overhead(report),
            Self.clients(report), Self.machine(report),
        ].compactMap { $0 }
        text =
            findings.isEmpty
            ? "Nothing stands out.\n" : findings.map { "- \($0)\n" }.joined()
    }

    private static func peak(_ report: MemoryReport) -> String? {
        if report.peak * 2 < report.memory.used * 3 { return nil }
        return """
            Peak: \(report.peak) bytes were in use once, \(report.memory.used) are now. The \
            process keeps what it had for what comes next. MEMORY PURGE gives it back.
            """
    }

    private static func fragmentation(_ report: MemoryReport) -> String? {
        let lost = report.memory.allocator.active - report.memory.allocator.used
        if report.allocatorFragmentation < 1.25 || lost < 10 << 20 { return nil }
        return """
            Fragmentation: \(lost) bytes lie free between keys, in pages that hold others. They \
            are used again by keys of the same size; a restart packs them.
            """
    }

    private static func overhead(_ report: MemoryReport) -> String? {
        let bytes = report.resident - report.memory.used
        if report.fragmentation < 1.5 || bytes < 64 << 20 { return nil }
        return """
            Resident memory: the process has \(bytes) bytes more in RAM than are in use. MEMORY \
            PURGE gives back what is free.
            """
    }

    private static func clients(_ report: MemoryReport) -> String? {
        if report.clients == 0 { return nil }
        let mean = report.memory.clients / report.clients
        if mean < 200 << 10 { return nil }
        return """
            Clients: their buffers take \(mean) bytes each on average. Look for omem and qbuf in \
            CLIENT LIST: somebody does not read, or sends very large values.
            """
    }

    private static func machine(_ report: MemoryReport) -> String? {
        let total = report.process.machineMemoryBytes
        if total == 0 || report.resident * 10 < total * 9 { return nil }
        return """
            Machine: the process takes \(report.resident) of \(total) bytes of RAM. Move keys to \
            another node or delete some before the kernel ends the process.
            """
    }
}
