// side-by-side: Gyre's CPU time per operation beside the floor's and redis-server's, its memory per
// key beside redis-server's, and two cores beside one; redis-benchmark's suite on both; both as
// caches; what compression saves and costs; what durability costs.
// Benchmarks/README.md says how to read it.

import Glibc

do {
    let options = try SideBySideOptions(CommandLine.arguments.dropFirst())
    switch options.mode {
    case .cpu: try CPUComparison(options).run()
    case .memory: try MemoryComparison(options).run()
    case .suite: try SuiteComparison(options).run()
    case .collections: try CollectionComparison(options).run()
    case .compression: try CompressionComparison(options).run()
    case .cache: try CacheComparison(options).run()
    case .log: try LogComparison(options).run()
    case .cores: try CoresComparison(options).run()
    }
} catch {
    print("side-by-side: \(error)")
    exit(1)
}
