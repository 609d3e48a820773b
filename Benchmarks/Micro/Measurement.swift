import Uring

/// Nanoseconds of the thread's CPU time per call, printed as a line of the report.
enum Measurement {
    static let batchCount = 15

    /// The median of `batches`, each of `calls` calls that one run of `body` makes. `before` runs
    /// ahead of each, outside of the measured time.
    static func report(
        _ name: String, calls: Int, batches: Int = batchCount, before: () -> Void = {},
        _ body: () -> Void
    ) {
        before()
        body()
        var times: [Double] = []
        for _ in 0..<batches {
            before()
            let start = Clocks.threadCPUNanoseconds()
            body()
            times.append(Double(Clocks.threadCPUNanoseconds() - start) / Double(calls))
        }
        times.sort()
        let padded = name + String(repeating: " ", count: max(1, 44 - name.count))
        print("\(padded)\(decimal(times[batches / 2])) ns\t(least \(decimal(times[0])))")
    }

    private static func decimal(_ value: Double) -> String {
        let tenths = Int(value * 10 + 0.5)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
