// load: a closed-loop load generator for servers of the Redis protocol, on one io_uring loop, light
// enough that the server is the bottleneck. Prints one line of name=value pairs.

import Glibc
import Uring

do {
    let options = try LoadOptions(CommandLine.arguments.dropFirst())
    if let cpu = options.cpu {
        var cpus = CPUSet()
        cpus.insert(cpu)
        try cpus.pinCallingThread()
    }
    _ = ResourceLimit.raiseOpenFiles()
    var generator = try LoadGenerator(options)
    try generator.run()
    print(generator.summary)
} catch let usage as LoadUsage {
    print("load: \(usage.reason)\n\(LoadUsage.text)")
    exit(2)
} catch {
    print("load: \(error)")
    exit(1)
}
