/// CPU time per operation at two cores, through the gateway port and through the core ports, beside
/// one core. The load generator shares the second CPU.
///
/// The control is two servers of one core each, one on either CPU, that know nothing of each other
/// and divide the keys: what this machine charges when two cores and the load generator run on its
/// CPUs, whatever the servers do.
struct CoresComparison {
    private let options: SideBySideOptions
    private let load = LoadSpecification.all.first { $0.name == "P16" }

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        guard let load else { return }
        let one = try ServerProcess("one core", options.gyre, cpus: [0])
        let two = try ServerProcess("two cores", options.gyre, cpus: [0, 1])
        let other = try ServerProcess("another of one core", options.gyre, cpus: [1])
        for server in [one, other, two] {
            _ = try LoadRun(.fill(keys: load.keys), on: server, options)
        }
        var single: [Double] = []
        var apart: [Double] = []
        var gateway: [Double] = []
        var direct: [Double] = []
        for _ in 0..<options.rounds {
            single.append(try LoadRun(load, on: one, options).cpuNanoseconds)
            apart.append(try LoadRun(load, on: one, and: other, options).cpuNanoseconds)
            gateway.append(try LoadRun(load, on: two, options).cpuNanoseconds)
            direct.append(
                try LoadRun(load, on: two, options, corePort: two.corePort).cpuNanoseconds)
        }
        report("CPU time per operation at \(load.name), nanoseconds: medians of \(options.rounds)")
        report(row(["way", "cpu", "/ one core", "/ apart"]))
        let ways = [
            ("one core", single), ("apart", apart), ("gateway", gateway), ("core ports", direct),
        ]
        for (name, values) in ways {
            let ratios = [single, apart].map { decimal(median(values) / median($0), 2) }
            report(row([name, decimal(median(values), 0)] + ratios))
        }
    }
}
