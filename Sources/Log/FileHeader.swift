import Base

/// The 64 bytes at the beginning of a file of records
/// (docs/internals/log-format.md, "Files of records").
public struct FileHeader: Equatable, Sendable {
    /// What a file of records is.
    public enum Content: Sendable {
        /// A stretch of a core's log.
        case segment
        /// A core's snapshot.
        case snapshot
        /// What a node remembers of consensus (docs/internals/raft.md, "On disk").
        case consensus

        var magic: StaticString {
            switch self {
            case .segment: "gyre.log"
            case .snapshot: "gyre.snp"
            case .consensus: "gyre.rft"
            }
        }
    }

    /// In bytes.
    public static let size = 64
    /// Of the format that this code writes, and the only one that it reads.
    public static let version: UInt32 = 1

    /// What the file is.
    public var content: Content
    /// Whose it is.
    public var identity: FileIdentity
    /// Its number, as in its name.
    public var number: UInt32
    /// Random; another one for each file.
    public var salt: UInt64

    /// The header of a new file; `salt` comes from a random source that does not repeat.
    public init(_ content: Content, _ identity: FileIdentity, number: UInt32, salt: UInt64) {
        self.content = content
        self.identity = identity
        self.number = number
        self.salt = salt
    }

    /// Appends the header's bytes.
    public func append(to output: inout OutputBuffer) {
        let start = output.count
        output.append(content.magic)
        output.append(integer: Self.version)
        output.append(integer: UInt32(Self.size))
        output.append(integer: identity.node.high.byteSwapped)
        output.append(integer: identity.node.middle.byteSwapped)
        output.append(integer: identity.node.low.byteSwapped)
        output.append(integer: identity.core)
        output.append(integer: identity.cores)
        output.append(integer: identity.layout)
        output.append(integer: number)
        output.append(integer: salt)
        output.append(integer: Checksum.of(output.bytes.slice(start, output.count)))
    }

    /// Reads the header of a file that must be `content` number `number` of `identity`.
    public init(
        _ file: Bytes, _ content: Content, _ identity: FileIdentity, number: UInt32
    ) throws(FaultReason) {
        guard file.count >= Self.size else { throw .headerMissing }
        guard file.slice(0, 8) == Bytes(content.magic) else { throw .headerMissing }
        guard file.integer(at: 56, UInt64.self) == Checksum.of(file.slice(0, 56)) else {
            throw .headerChecksum
        }
        guard file.integer(at: 8, UInt32.self) == Self.version else { throw .newerFormat }
        guard file.integer(at: 12, UInt32.self) == UInt32(Self.size) else { throw .newerFormat }
        let node = NodeBits(
            high: file.integer(at: 16, UInt64.self).byteSwapped,
            middle: file.integer(at: 24, UInt64.self).byteSwapped,
            low: file.integer(at: 32, UInt32.self).byteSwapped)
        let found = FileIdentity(
            node: node, layout: file.integer(at: 40, UInt32.self),
            core: file.integer(at: 36, UInt16.self), cores: file.integer(at: 38, UInt16.self))
        guard found == identity else { throw .otherIdentity }
        guard file.integer(at: 44, UInt32.self) == number else { throw .otherNumber }
        self.init(content, identity, number: number, salt: file.integer(at: 48, UInt64.self))
    }
}
