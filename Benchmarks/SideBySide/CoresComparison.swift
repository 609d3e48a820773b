/// CPU time per operation at two cores, through the gateway port and through the core ports, beside
/// one core. The load generator shares the second CPU.
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
        for server in [one, two] {
            _ = try LoadRun(.fill(keys: load.keys), on: server, options)
        }
        var single: [Double] = []
        var gateway: [Double] = []
        var direct: [Double] = []
        for _ in 0..<options.rounds {
            single.append(try LoadRun(load, on: one, options).cpuNanoseconds)
            gateway.append(try LoadRun(load, on: two, options).cpuNanoseconds)
            direct.append(
                try LoadRun(load, on: two, options, corePort: two.corePort).cpuNanoseconds)
        }
        report("CPU time per operation at \(load.name), nanoseconds: medians of \(options.rounds)")
        report(row(["way", "cpu", "/ one core"]))
        for (name, values) in [("one core", single), ("gateway", gateway), ("core ports", direct)] {
            let ratio = decimal(median(values) / median(single), 2)
            report(row([name, decimal(median(values), 0), ratio]))
        }
    }
}
