/// Memory of collections: fresh servers are filled with many small ones of a kind, or with one of a
/// million elements. Bytes are resident bytes after less those before, keys and elements included.
struct CollectionComparison {
    private let options: SideBySideOptions

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        report("Memory per key (of a million elements: per element), bytes, all included")
        report(row(["shape", "gyre", "redis", "gyre/redis"]))
        for shape in CollectionShape.all {
            let isWanted =
                options.only.isEmpty || options.only.contains { shape.name.contains($0) }
            if !isWanted { continue }
            do {
                let gyre = try bytes("gyre", options.gyre, shape)
                let redis = try bytes("redis", redisCommand, shape)
                report(
                    row([
                        shape.name, decimal(gyre, 1), decimal(redis, 1), decimal(gyre / redis, 2),
                    ]))
            } catch let failure as Failure {
                report(row([shape.name]) + failure.description)
            }
        }
    }

    private func bytes(
        _ name: String, _ command: [String], _ shape: CollectionShape
    ) throws -> Double {
        let server = try ServerProcess(name, command, cpus: [0])
        let before = try server.residentBytes()
        var text = CollectionText(shape)
        let client = try PipelineClient(port: server.port)
        try text.forEachPart { requests, count in
            try client.exchange(requests, replyCount: count)
        }
        let after = try server.residentBytes()
        return Double(after - before) / Double(shape.unitCount)
    }
}
