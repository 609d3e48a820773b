/// What to send, to whom, for how long.
struct LoadOptions {
    enum Mode: String {
        /// One SET per eight commands, the others GET.
        case mix
        case get
        case set
        /// SET of every key once, in order; ends by itself.
        case fill
    }

    var host = "127.0.0.1"
    /// Of one server, or of several that know nothing of each other and get as many slots each.
    var ports: [UInt16] = [6379]
    var connections = 50
    /// Commands that a connection sends before it waits for their replies.
    var pipeline = 1
    /// Keys are drawn uniformly from this many.
    var keys = 100_000
    var valueBytes = 32
    var mode = Mode.mix
    /// Measured time, after a warm-up of 0.3 s.
    var seconds = 3.0
    /// The CPU to run on.
    var cpu: Int?
    /// The processes whose CPU time is measured.
    var serverPIDs: [Int32] = []
    /// Ask for the slots' owners and send each key to its owner's endpoint.
    var cluster = false

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let name = rest.popFirst() {
            if name == "--cluster" {
                cluster = true
                continue
            }
            guard let value = rest.popFirst() else { throw LoadUsage(reason: "\(name): no value") }
            if try !set(name, value) { throw LoadUsage(reason: "\(name): unknown") }
        }
        if mode == .fill && (cluster || ports.count > 1) {
            throw LoadUsage(reason: "--mode fill: sets every key through one port")
        }
    }

    private mutating func set(_ name: String, _ value: String) throws -> Bool {
        switch name {
        case "--host": host = value
        case "--port": ports = try LoadOptions.numbers(name, value, in: 1...65_535)
        case "--connections": connections = try LoadOptions.number(name, value, in: 1...20_000)
        case "--pipeline": pipeline = try LoadOptions.number(name, value, in: 1...10_000)
        case "--keys": keys = try LoadOptions.number(name, value, in: 1...999_999_999_999)
        case "--value-bytes": valueBytes = try LoadOptions.number(name, value, in: 0...1_000_000)
        case "--cpu": cpu = try LoadOptions.number(name, value, in: 0...8191)
        case "--server-pid":
            serverPIDs = try LoadOptions.numbers(name, value, in: 1...Int32.max)
        case "--seconds":
            guard let number = Double(value), number > 0 else {
                throw LoadUsage(reason: "\(name): \(value) is no time")
            }
            seconds = number
        case "--mode":
            guard let mode = Mode(rawValue: value) else {
                throw LoadUsage(reason: "\(name): \(value) is no mode")
            }
            self.mode = mode
        default: return false
        }
        return true
    }

    private static func numbers<Number: FixedWidthInteger>(
        _ name: String, _ value: String, in range: ClosedRange<Number>
    ) throws -> [Number] {
        try value.split(separator: ",", omittingEmptySubsequences: false)
            .map { try number(name, String($0), in: range) }
    }

    private static func number<Number: FixedWidthInteger>(
        _ name: String, _ value: String, in range: ClosedRange<Number>
    ) throws -> Number {
        guard let number = Number(value), range.contains(number) else {
            throw LoadUsage(reason: "\(name): \(value) is not within \(range)")
        }
        return number
    }
}

/// A command line that makes no sense, and what would.
struct LoadUsage: Error {
    let reason: String

    static let text = """
        usage: load [--host 127.0.0.1] [--port 6379,…] [--connections 50] [--pipeline 1]
                    [--keys 100000] [--value-bytes 32] [--mode mix|get|set|fill] [--seconds 3]
                    [--cpu N] [--server-pid PID,…] [--cluster]
        """
}
