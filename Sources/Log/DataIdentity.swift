import Base

/// Whose a data directory is, and how it is laid out: the file IDENTITY.
public struct DataIdentity: Equatable, Sendable {
    /// The node.
    public var node: NodeBits
    /// The folder in use.
    public var layout: UInt32
    /// How many cores it is for, at least 1.
    public var cores: UInt16
    /// How often the directory was opened for writing; below 2^24.
    public var starts: UInt32

    /// Of a node's directory.
    public init(node: NodeBits, layout: UInt32, cores: UInt16, starts: UInt32) {
        self.node = node
        self.layout = layout
        self.cores = cores
        self.starts = starts
    }

    /// The number of the first transaction of a home core after this start.
    public var firstTransaction: UInt64 { UInt64(starts) << 40 | 1 }

    /// What the files of a core must say.
    public func files(ofCore core: UInt16) -> FileIdentity {
        FileIdentity(node: node, layout: layout, core: core, cores: cores)
    }

    /// Appends the file's bytes to an empty buffer.
    public func write(to output: inout OutputBuffer) {
        invariant(output.isEmpty, "a descriptor begins at the front")
        output.append(text: "gyre data \(FileHeader.version)\n")
        output.append(text: "node \(node)\nlayout \(layout)\ncores \(cores)\nstarts \(starts)\n")
        output.appendChecksumLine()
    }

    /// Reads the file's bytes.
    public init(_ bytes: Bytes) throws(LogFault) {
        var lines = try DescriptorLines(bytes, file: DirectoryName.identity)
        try lines.version("gyre data")
        node = try lines.node()
        layout = try lines.number("layout")
        guard layout > 0 else { throw lines.fault() }
        cores = try lines.number("cores")
        guard cores > 0 else { throw lines.fault() }
        starts = try lines.number("starts")
        guard starts < 1 << 24 else { throw lines.fault() }
        try lines.end()
    }
}
