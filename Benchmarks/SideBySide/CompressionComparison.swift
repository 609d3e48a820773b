import Base

/// Memory and CPU time of JSON documents, compressed and not: two servers of the same program, one
/// of them with `--compress-values-over`, take turns under the same load.
struct CompressionComparison {
    private let options: SideBySideOptions
    private static let keyCount = 100_000
    private static let pipeline = 16
    /// About so many bytes a document.
    private static let sizes = [256, 1024, 8192]

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        report("JSON documents, pipelines of 16: bytes per key, CPU time per operation in ns")
        report(
            row([
                "bytes", "plain", "compressed", "saved", "GET", "GET, lz4", "SET", "SET, lz4",
            ]))
        for size in Self.sizes
        where options.only.isEmpty || options.only.contains("\(size)") {
            try compare(size)
        }
    }

    private func compare(_ size: Int) throws {
        let commands = [options.gyre, options.gyre + ["--compress-values-over", "128"]]
        let count = min(Self.keyCount, 400_000_000 / size / 4)
        var servers: [ServerProcess] = []
        var clients: [PipelineClient] = []
        var bytes: [Double] = []
        for (name, command) in zip(["plain", "compressed"], commands) {
            let server = try ServerProcess(name, command, cpus: [0])
            let client = try PipelineClient(port: server.port)
            let before = try server.residentBytes()
            try set(client, 0..<count, size)
            bytes.append(Double(try server.residentBytes() - before) / Double(count))
            servers.append(server)
            clients.append(client)
        }
        var gets: [[Double]] = [[], []]
        var sets: [[Double]] = [[], []]
        for _ in 0..<options.rounds {
            for (place, client) in clients.enumerated() {
                gets[place].append(
                    try cost(servers[place], count) { try get(client, 0..<count) })
                sets[place].append(
                    try cost(servers[place], count) { try set(client, 0..<count, size) })
            }
        }
        let figures = [
            decimal(bytes[0], 0), decimal(bytes[1], 0), decimal(1 - bytes[1] / bytes[0], 2),
            decimal(median(gets[0]), 0), decimal(median(gets[1]), 0), decimal(median(sets[0]), 0),
            decimal(median(sets[1]), 0),
        ]
        report(row(["\(size)"] + figures))
    }

    /// CPU time of the server for each operation, in nanoseconds.
    private func cost(
        _ server: ServerProcess, _ count: Int, _ body: () throws -> Void
    ) throws -> Double {
        let before = try server.cpuNanoseconds()
        try body()
        return Double(try server.cpuNanoseconds() - before) / Double(count)
    }

    private func get(_ client: PipelineClient, _ keys: Range<Int>) throws {
        for first in stride(from: keys.lowerBound, to: keys.upperBound, by: Self.pipeline) {
            let places = first..<min(first + Self.pipeline, keys.upperBound)
            let text = places.map { "GET document:\($0)\r\n" }.joined()
            var isMissing = false
            try client.readValues(Array(text.utf8), count: places.count) { _, isThere in
                if !isThere { isMissing = true }
            }
            if isMissing { throw Failure("a document is not there") }
        }
    }

    private func set(_ client: PipelineClient, _ keys: Range<Int>, _ size: Int) throws {
        for first in stride(from: keys.lowerBound, to: keys.upperBound, by: Self.pipeline) {
            let places = first..<min(first + Self.pipeline, keys.upperBound)
            var text: [UInt8] = []
            for number in places {
                let key = "document:\(number)"
                let document = JSONText.document(number, size)
                text += "*3\r\n$3\r\nSET\r\n$\(key.utf8.count)\r\n\(key)\r\n".utf8
                text += "$\(document.utf8.count)\r\n\(document)\r\n".utf8
            }
            try client.exchange(text, replyCount: places.count)
        }
    }
}

/// Documents as services keep them: records of fields that have names, numbers, words and
/// identifiers, none of which are alike.
enum JSONText {
    private static let words = [
        "amber", "bridge", "copper", "delta", "ember", "forest", "granite", "harbour", "island",
        "juniper", "kestrel", "lantern", "meadow", "north", "orchard", "prairie",
    ]

    /// One of about `size` bytes.
    static func document(_ number: Int, _ size: Int) -> String {
        var random = SplitMix64(seed: UInt64(number))
        var text = #"{"id":\#(number),"items":["#
        while text.utf8.count < size - 60 {
            let (first, second) = (random.next(), random.next())
            let name = words[Int(first % 16)] + " " + words[Int(first / 16 % 16)]
            let mail = "\(words[Int(first / 256 % 16)])\(first / 4096 % 1000)@example.com"
            text += #"{"uuid":"\#(String(second, radix: 16))","name":"\#(name)","#
            text += #""email":"\#(mail)","balance":\#(first % 100_000),"#
            text += #""active":\#(second % 2 == 0),"#
            text += #""created":"2026-0\#(second % 9 + 1)-14T10:00:00Z"},"#
        }
        return text + #"null],"version":\#(random.next() % 10)}"#
    }
}
