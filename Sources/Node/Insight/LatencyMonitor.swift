import Base
import Engine

/// What the latency monitor watches. The names are Redis's.
enum LatencyEvent: Int, CaseIterable {
    /// A command that may take long by its nature.
    case command
    /// A command that should not.
    case fastCommand
    /// The sweep for keys that are due.
    case expireCycle

    var name: StaticString {
        switch self {
        case .command: "command"
        case .fastCommand: "fast-command"
        case .expireCycle: "expire-cycle"
        }
    }

    static func find(_ name: Bytes) -> LatencyEvent? {
        allCases.first { name == Bytes($0.name) }
    }
}

/// A second in which an event took long.
struct LatencySample: BitwiseCopyable {
    /// Seconds since 1970.
    var second: Int64
    /// The longest in that second.
    var milliseconds: Int64
}

/// The latest samples of an event, one a second at most.
struct LatencySeries {
    private(set) var samples: [LatencySample] = []
    /// The longest ever, in milliseconds.
    private(set) var longest: Int64 = 0

    static let sampleCountMax = 160

    mutating func add(_ sample: LatencySample) {
        longest = max(longest, sample.milliseconds)
        if let last = samples.last, last.second == sample.second {
            samples[samples.count - 1].milliseconds = max(last.milliseconds, sample.milliseconds)
            return
        }
        if samples.count == Self.sampleCountMax { samples.removeFirst() }
        samples.append(sample)
    }

    /// Takes another core's samples in.
    mutating func merge(_ other: LatencySeries) {
        longest = max(longest, other.longest)
        let all = (samples + other.samples).sorted { $0.second < $1.second }
        samples.removeAll()
        for sample in all {
            if let last = samples.last, last.second == sample.second {
                samples[samples.count - 1].milliseconds = max(
                    last.milliseconds, sample.milliseconds)
            } else {
                samples.append(sample)
            }
        }
        samples = samples.suffix(Self.sampleCountMax)
    }
}

extension LatencySeries {
    func append(to part: inout OutputBuffer) {
        part.append(integer: longest)
        part.append(integer: Int64(samples.count))
        for sample in samples { part.append(plain: sample) }
    }

    /// Reads what ``append(to:)`` wrote at `offset`, and passes over it.
    init(_ part: Bytes, at offset: inout Int) {
        longest = part.integer(at: offset)
        let count = Int(part.integer(at: offset + 8))
        offset += 16
        for _ in 0..<count {
            samples.append(part.plain(LatencySample.self, at: offset))
            offset += MemoryLayout<LatencySample>.size
        }
    }
}

/// One core's events that took longer than latency-monitor-threshold.
struct LatencyMonitor {
    /// By ``LatencyEvent``; an event without samples has never taken long.
    private(set) var series = LatencyEvent.allCases.map { _ in LatencySeries() }

    subscript(event: LatencyEvent) -> LatencySeries { series[event.rawValue] }

    mutating func add(_ event: LatencyEvent, _ sample: LatencySample) {
        series[event.rawValue].add(sample)
    }

    mutating func remove(_ event: LatencyEvent) {
        series[event.rawValue] = LatencySeries()
    }
}

extension Core {
    /// Takes a slow call for an event of the latency monitor, if that asks for it.
    mutating func sampleLatency(_ slow: SlowCall) {
        let isFast = engine.commands.traits(slow.call.command).has(.fast)
        sampleLatency(isFast ? .fastCommand : .command, slow.nanoseconds)
    }

    /// Takes an event down if it lasted as long as the latency monitor asks for.
    mutating func sampleLatency(_ event: LatencyEvent, _ nanoseconds: UInt64) {
        let threshold = configuration.latencyMilliseconds
        let milliseconds = Int64(nanoseconds / 1_000_000)
        if threshold == 0 || milliseconds < Int64(threshold) { return }
        latency.add(event, LatencySample(second: now / 1000, milliseconds: milliseconds))
    }
}
