import Base

/// The lines of a descriptor, read in order; see docs/internals/log-format.md, "The data
/// directory".
struct DescriptorLines {
    private let file: String
    private let lines: [Substring]
    private var index = 0

    /// Of a descriptor's bytes, whose last line must be their checksum.
    init(_ bytes: Bytes, file: String) throws(LogFault) {
        self.file = file
        let text = bytes.string
        // Bytes that are no UTF-8 would come back as others.
        let isText = OwnedBytes(text) == OwnedBytes(bytes)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard isText, lines.count >= 2, lines.removeLast().isEmpty else {
            throw LogFault(file: file, offset: 1, .line)
        }
        let last = lines.removeLast()
        let number = UInt64(lines.count + 1)
        let prefix = "checksum "
        guard last.hasPrefix(prefix) else { throw LogFault(file: file, offset: number, .line) }
        guard let sum = UInt64(hexadecimal: last.dropFirst(prefix.count)) else {
            throw LogFault(file: file, offset: number, .line)
        }
        let covered = bytes.slice(0, bytes.count - last.utf8.count - 1)
        guard Checksum.of(covered) == sum else {
            throw LogFault(file: file, offset: number, .lineChecksum)
        }
        self.lines = lines
    }

    /// That the line just read is not what belongs there.
    func fault(_ reason: FaultReason = .line) -> LogFault {
        LogFault(file: file, offset: UInt64(index), reason)
    }

    /// The words of the next line behind `label`, exactly `count` of them.
    mutating func words(_ label: String, _ count: Int) throws(LogFault) -> Substring.SubSequence {
        let here = index
        index += 1
        guard here < lines.count, lines[here].hasPrefix(label + " ") else { throw fault() }
        let rest = lines[here].dropFirst(label.count + 1)
        let spaces = rest.utf8.count { $0 == UInt8(ascii: " ") }
        guard spaces == count - 1, !rest.isEmpty else { throw fault() }
        return rest
    }

    /// The number behind `label` on the next line.
    mutating func number<Number: FixedWidthInteger>(_ label: String) throws(LogFault) -> Number {
        guard let number = Number(canonical: try words(label, 1)) else { throw fault() }
        return number
    }

    /// The version behind `label`, which must be the one that this code reads.
    mutating func version(_ label: String) throws(LogFault) {
        let version: UInt32 = try number(label)
        guard version <= FileHeader.version else { throw fault(.newerFormat) }
        guard version == FileHeader.version else { throw fault() }
    }

    /// The node's id on the next line.
    mutating func node() throws(LogFault) -> NodeBits {
        guard let node = NodeBits(try words("node", 1)) else { throw fault() }
        return node
    }

    /// Whether lines are left.
    var isAtEnd: Bool { index == lines.count }

    /// That there are no further lines.
    mutating func end() throws(LogFault) {
        if isAtEnd { return }
        index += 1
        throw fault()
    }
}

extension OutputBuffer {
    /// Appends text in UTF-8.
    mutating func append(text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Appends the last line of a descriptor that begins at the buffer's front.
    mutating func appendChecksumLine() {
        let sum = Checksum.of(bytes)
        append(text: "checksum \(sum.hexadecimal)\n")
    }
}
