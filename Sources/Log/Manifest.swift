import Base

/// Which snapshot and which segments are a core's state: the file MANIFEST.
public struct Manifest: Equatable, Sendable {
    /// A snapshot that is a part of the state.
    public struct Snapshot: Equatable, Sendable {
        /// In its name.
        public var number: UInt32
        /// In bytes.
        public var size: UInt64

        /// Snapshot `number`, of `size` bytes.
        public init(number: UInt32, size: UInt64) {
            self.number = number
            self.size = size
        }
    }

    /// Whose state it is.
    public var identity: FileIdentity
    /// The first segment that is needed.
    public var firstSegment: UInt32
    /// Up to here the log was synced, and its transactions complete.
    public var synced: LogPosition
    /// The snapshot, if there is one.
    public var snapshot: Snapshot?
    /// By home core: the highest transaction that the core logged before ``firstSegment``.
    public var seen: [UInt16: UInt64]

    /// Of a core whose log begins with `firstSegment`.
    public init(
        _ identity: FileIdentity, firstSegment: UInt32, synced: LogPosition,
        snapshot: Snapshot? = nil, seen: [UInt16: UInt64] = [:]
    ) {
        self.identity = identity
        self.firstSegment = firstSegment
        self.synced = synced
        self.snapshot = snapshot
        self.seen = seen
    }

    /// Its name, from the data directory on.
    public static func path(_ identity: FileIdentity) -> String {
        path(.manifest, identity)
    }

    /// A core's file, from the data directory on.
    public static func path(_ name: FileName, _ identity: FileIdentity) -> String {
        "\(DirectoryName.core(identity.core, layout: identity.layout))/\(name.text)"
    }

    /// Appends the file's bytes to an empty buffer.
    public func write(to output: inout OutputBuffer) {
        invariant(output.isEmpty, "a descriptor begins at the front")
        output.append(text: "gyre core \(FileHeader.version)\nnode \(identity.node)\n")
        output.append(text: "layout \(identity.layout)\n")
        output.append(text: "core \(identity.core) of \(identity.cores)\n")
        output.append(text: "log \(firstSegment)\nsynced \(synced)\n")
        if let snapshot {
            output.append(text: "snapshot \(snapshot.number) \(snapshot.size)\n")
        } else {
            output.append(text: "snapshot none\n")
        }
        for (home, number) in seen.sorted(by: { $0.key < $1.key }) {
            output.append(text: "seen \(home) \(number)\n")
        }
        output.appendChecksumLine()
    }

    /// Reads the bytes of the file that must be `identity`'s.
    public init(_ bytes: Bytes, _ identity: FileIdentity) throws(LogFault) {
        self.identity = identity
        var lines = try DescriptorLines(bytes, file: Self.path(identity))
        try lines.version("gyre core")
        guard try lines.node() == identity.node else { throw lines.fault(.otherIdentity) }
        guard try lines.number("layout") == identity.layout else {
            throw lines.fault(.otherIdentity)
        }
        guard try lines.words("core", 3) == "\(identity.core) of \(identity.cores)" else {
            throw lines.fault(.otherIdentity)
        }
        firstSegment = try lines.number("log")
        guard firstSegment > 0 else { throw lines.fault() }
        guard let synced = LogPosition(try lines.words("synced", 1)) else { throw lines.fault() }
        self.synced = synced
        snapshot = try Self.readSnapshot(&lines)
        seen = [:]
        var last = -1
        while !lines.isAtEnd {
            let words = try lines.words("seen", 2).split(separator: " ")
            guard words.count == 2, let home = UInt16(canonical: words[0]) else {
                throw lines.fault()
            }
            guard let number = UInt64(canonical: words[1]) else { throw lines.fault() }
            guard Int(home) > last else { throw lines.fault() }
            last = Int(home)
            seen[home] = number
        }
    }

    private static func readSnapshot(
        _ lines: inout DescriptorLines
    ) throws(LogFault) -> Snapshot? {
        var ahead = lines
        if let none = try? ahead.words("snapshot", 1) {
            lines = ahead
            guard none == "none" else { throw lines.fault() }
            return nil
        }
        let words = try lines.words("snapshot", 2).split(separator: " ")
        guard words.count == 2, let number = UInt32(canonical: words[0]) else {
            throw lines.fault()
        }
        guard number > 0, let size = UInt64(canonical: words[1]) else { throw lines.fault() }
        return Snapshot(number: number, size: size)
    }
}
