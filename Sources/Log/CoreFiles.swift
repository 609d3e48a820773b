/// What the files in a core's folder are to its manifest.
public struct CoreFiles: Equatable, Sendable {
    /// The segments to be read, from the first to the last.
    public let segments: ClosedRange<UInt32>
    /// What the manifest does not need: interrupted steps, old segments, other snapshots.
    public let leftovers: [FileName]
    /// What is nothing of ours and stays.
    public let unknown: [FileName]

    /// Sorts the names in a core's folder; fails where a file that must be there is not.
    public init(_ names: [String], _ manifest: Manifest) throws(LogFault) {
        var segments: Set<UInt32> = []
        var leftovers: [FileName] = []
        var unknown: [FileName] = []
        var hasSnapshot = false
        for name in names.map(FileName.init) {
            switch name {
            case .manifest: break
            case .segment(let number) where number >= manifest.firstSegment:
                segments.insert(number)
            case .snapshot(let number) where number == manifest.snapshot?.number:
                hasSnapshot = true
            case .segment, .snapshot, .leftover: leftovers.append(name)
            case .unknown: unknown.append(name)
            }
        }
        if let snapshot = manifest.snapshot, !hasSnapshot {
            let path = Manifest.path(.snapshot(snapshot.number), manifest.identity)
            throw LogFault(file: path, offset: 0, .fileMissing)
        }
        let first = manifest.firstSegment
        let last = segments.max() ?? first
        for number in first...last where !segments.contains(number) {
            let path = Manifest.path(.segment(number), manifest.identity)
            throw LogFault(file: path, offset: 0, .missingSegment)
        }
        self.segments = first...last
        self.leftovers = leftovers
        self.unknown = unknown
    }
}
