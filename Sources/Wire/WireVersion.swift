/// A version of the protocol between nodes: what frames there are and how they are taken apart.
public struct WireVersion: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    /// The version of this number, from 1.
    public init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static func < (left: WireVersion, right: WireVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The versions that a node speaks, without a gap.
public struct VersionRange: Hashable, Sendable, BitwiseCopyable {
    /// The lowest.
    public let min: WireVersion
    /// The highest; not below the lowest.
    public let max: WireVersion

    /// What this code speaks.
    public static let ours = VersionRange(WireVersion(1), WireVersion(1))

    /// From `min` to `max`, which is not below it.
    public init(_ min: WireVersion, _ max: WireVersion) {
        self.min = min
        self.max = max
    }

    /// The highest version in both; nil where there is none.
    public func highestCommon(with other: VersionRange) -> WireVersion? {
        let highest = Swift.min(max, other.max)
        return highest >= Swift.max(min, other.min) ? highest : nil
    }

    /// Whether the version is one of them.
    public func contains(_ version: WireVersion) -> Bool {
        version >= min && version <= max
    }

    /// For an operator.
    public var description: String {
        min == max ? "version \(min.rawValue)" : "versions \(min.rawValue) to \(max.rawValue)"
    }
}
