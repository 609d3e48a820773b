// Places on earth as numbers, so that a sorted set can be searched for places.
//
// A *cell* is what is left of the map after halving it `step` times in both directions; its number
// has the halves' bits in turn, of the longitude first. The score of a member is its cell at 26
// steps, 52 bits, which a double holds exactly; all members of a larger cell then have scores in
// one range.
//
// Source: G. Niemeyer, geohash.org (2008), with the latitudes of the web's Mercator map.

import Base
import Glibc

/// A place, in degrees.
struct GeoPoint: BitwiseCopyable {
    var longitude: Double
    var latitude: Double

    static let longitudes = -180.0...180.0
    static let latitudes = -85.05112878...85.05112878

    /// Whether the place is on the map.
    var isOnMap: Bool {
        Self.longitudes.contains(longitude) && Self.latitudes.contains(latitude)
    }

    /// In metres.
    private static let earthRadius = 6_372_797.560856

    /// The distance to another place on a sphere, in metres.
    ///
    /// Source: the haversine formula; R. W. Sinnott, "Virtues of the Haversine", 1984.
    func distance(to other: GeoPoint) -> Double {
        let longitudeHalf = sin((other.longitude.radians - longitude.radians) / 2)
        if longitudeHalf == 0 { return latitudeDistance(to: other) }
        let first = latitude.radians
        let second = other.latitude.radians
        let latitudeHalf = sin((second - first) / 2)
        let square =
            latitudeHalf * latitudeHalf
            + cos(first) * cos(second) * longitudeHalf * longitudeHalf
        return 2 * Self.earthRadius * asin(square.squareRoot())
    }

    /// The distance between two parallels, in metres.
    func latitudeDistance(to other: GeoPoint) -> Double {
        Self.earthRadius * abs(other.latitude.radians - latitude.radians)
    }

    /// The angle at the earth's centre of so many metres, in degrees.
    static func degrees(ofMetres metres: Double) -> Double {
        (metres / earthRadius).degrees
    }

    /// As ``degrees(ofMetres:)`` along the parallel at a latitude.
    static func degrees(ofMetres metres: Double, atLatitude latitude: Double) -> Double {
        (metres / earthRadius / cos(latitude.radians)).degrees
    }
}

extension Double {
    private static let radiansPerDegree = Double.pi / 180

    fileprivate var radians: Double { self * Self.radiansPerDegree }
    fileprivate var degrees: Double { self / Self.radiansPerDegree }
}

/// A part of the map; see the essay above.
struct GeoCell: Equatable, BitwiseCopyable {
    var bits: UInt64
    var step: UInt64

    static let stepMax: UInt64 = 26

    init(bits: UInt64, step: UInt64) {
        self.bits = bits
        self.step = step
    }

    /// The cell of a place.
    init(
        _ point: GeoPoint, step: UInt64,
        latitudes: ClosedRange<Double> = GeoPoint.latitudes
    ) {
        let column = Self.fraction(point.longitude, GeoPoint.longitudes)
        let row = Self.fraction(point.latitude, latitudes)
        let cells = Double(UInt64(1) << step)
        bits = Self.spread(UInt64(row * cells)) | Self.spread(UInt64(column * cells)) << 1
        self.step = step
    }

    /// The cell that a score stands for.
    init(score: Double) {
        // Other scores than cells have stand for what a conversion in C makes of them.
        bits = score.magnitude < 0x1p63 ? UInt64(bitPattern: Int64(score)) : 0
        step = Self.stepMax
    }

    private static func fraction(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// Puts a 0 before each of the 32 lower bits.
    static func spread(_ number: UInt64) -> UInt64 {
        var bits = number & 0xFFFF_FFFF
        bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
        bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF
        bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        bits = (bits | bits << 2) & 0x3333_3333_3333_3333
        return (bits | bits << 1) & 0x5555_5555_5555_5555
    }

    /// Every other bit, from the lowest on.
    static func gather(_ number: UInt64) -> UInt64 {
        var bits = number & 0x5555_5555_5555_5555
        bits = (bits | bits >> 1) & 0x3333_3333_3333_3333
        bits = (bits | bits >> 2) & 0x0F0F_0F0F_0F0F_0F0F
        bits = (bits | bits >> 4) & 0x00FF_00FF_00FF_00FF
        bits = (bits | bits >> 8) & 0x0000_FFFF_0000_FFFF
        return (bits | bits >> 16) & 0x0000_0000_FFFF_FFFF
    }

    private var row: UInt64 { Self.gather(bits) }
    private var column: UInt64 { Self.gather(bits >> 1) }

    var latitudes: ClosedRange<Double> { Self.part(row, step, of: GeoPoint.latitudes) }
    var longitudes: ClosedRange<Double> { Self.part(column, step, of: GeoPoint.longitudes) }

    private static func part(
        _ number: UInt64, _ step: UInt64, of range: ClosedRange<Double>
    ) -> ClosedRange<Double> {
        let scale = range.upperBound - range.lowerBound
        let cells = Double(UInt64(1) << step)
        let lower = range.lowerBound + (Double(number) / cells) * scale
        let upper = range.lowerBound + (Double(number + 1) / cells) * scale
        return lower...max(lower, upper)
    }

    /// The middle of the cell.
    var centre: GeoPoint {
        let (longitudes, latitudes) = (longitudes, latitudes)
        let longitude = (longitudes.lowerBound + longitudes.upperBound) / 2
        let latitude = (latitudes.lowerBound + latitudes.upperBound) / 2
        let edges = GeoPoint.latitudes
        return GeoPoint(
            longitude: min(max(longitude, -180), 180),
            latitude: min(max(latitude, edges.lowerBound), edges.upperBound))
    }

    /// The cell so many columns to the east and rows to the north, around the map's edges.
    func moved(east: Int64, north: Int64) -> GeoCell {
        let mask = (UInt64(1) << step) - 1
        let newRow = (row &+ UInt64(bitPattern: north)) & mask
        let newColumn = (column &+ UInt64(bitPattern: east)) & mask
        return GeoCell(bits: Self.spread(newRow) | Self.spread(newColumn) << 1, step: step)
    }

    /// The scores that members in the cell have: from the first to below the second.
    var scores: (lower: Double, upper: Double) {
        let shift = 2 * (Self.stepMax - step)
        return (Double(bits << shift), Double((bits + 1) << shift))
    }

    /// Where a member with this score is.
    static func point(ofScore score: Double) -> GeoPoint { GeoCell(score: score).centre }
}
