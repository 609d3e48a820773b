// What is searched: a circle or a rectangle around a place, and the cells that cover it.

import Base

/// The area that a search is for.
struct GeoShape: BitwiseCopyable {
    enum Extent: BitwiseCopyable {
        /// The radius, in the unit.
        case circle(Double)
        /// Width and height, in the unit.
        case rectangle(Double, Double)
    }

    var centre = GeoPoint(longitude: 0, latitude: 0)
    var extent = Extent.circle(0)
    /// Metres in a unit.
    var unit = 1.0

    /// The distance from the centre to a place that is inside, in metres; nil where it is outside.
    func distance(to point: GeoPoint) -> Double? {
        switch extent {
        case .circle(let radius):
            let distance = centre.distance(to: point)
            return distance > radius * unit ? nil : distance
        case .rectangle(let width, let height):
            if point.latitudeDistance(to: centre) > height * unit / 2 { return nil }
            // Along the place's own parallel.
            let beside = GeoPoint(longitude: centre.longitude, latitude: point.latitude)
            if point.distance(to: beside) > width * unit / 2 { return nil }
            return centre.distance(to: point)
        }
    }

    /// Half of the width and the height, in metres.
    private var halves: (width: Double, height: Double) {
        switch extent {
        case .circle(let radius): (radius * unit, radius * unit)
        case .rectangle(let width, let height): (width / 2 * unit, height / 2 * unit)
        }
    }

    /// The distance from the centre to what is farthest from it, in metres.
    private var reach: Double {
        switch extent {
        case .circle(let radius): return radius * unit
        case .rectangle(let width, let height):
            return ((width / 2) * (width / 2) + (height / 2) * (height / 2)).squareRoot() * unit
        }
    }

    /// The degrees between which the area lies.
    private var bounds: GeoBounds {
        let (width, height) = halves
        let rise = GeoPoint.degrees(ofMetres: height)
        let top = GeoPoint.degrees(ofMetres: width, atLatitude: centre.latitude + rise)
        let bottom = GeoPoint.degrees(ofMetres: width, atLatitude: centre.latitude - rise)
        // The side nearer to a pole has the wider angle.
        let spread = centre.latitude < 0 ? bottom : top
        return GeoBounds(
            west: centre.longitude - spread, south: centre.latitude - rise,
            east: centre.longitude + spread, north: centre.latitude + rise)
    }

    /// How often the map may be halved so that nine cells cover the area: an estimate.
    private var estimatedStep: UInt64 {
        var metres = reach
        if metres == 0 { return GeoCell.stepMax }
        var step = 1
        while metres < Self.mapHalf {
            metres *= 2
            step += 1
        }
        step -= 2
        let distance = abs(centre.latitude)
        // Towards the poles cells are narrow.
        if distance > 66 { step -= 1 }
        if distance > 80 { step -= 1 }
        return UInt64(min(max(step, 1), Int(GeoCell.stepMax)))
    }

    /// Half of the Mercator map's width, in metres.
    private static let mapHalf = 20_037_726.37

    /// The cells that cover the area: that of its centre, then those around it as far as they are
    /// needed, nil where not.
    var cells: InlineArray<9, GeoCell?> {
        let bounds = bounds
        var step = estimatedStep
        if step > 1, !GeoCell(centre, step: step).reaches(bounds) { step -= 1 }
        let middle = GeoCell(centre, step: step)
        var cells = InlineArray<9, GeoCell?>(repeating: middle)
        for index in 1..<9 {
            let (east, north) = Self.directions[index]
            cells[index] =
                step >= 2 && middle.hasNoneOf(bounds, east: east, north: north)
                ? nil : middle.moved(east: east, north: north)
        }
        return cells
    }

    /// North, south, east, west, then the corners: the order in which Redis finds members.
    private static let directions: InlineArray<9, (Int64, Int64)> = [
        (0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1),
    ]
}

/// Degrees between which an area lies.
private struct GeoBounds {
    var west: Double
    var south: Double
    var east: Double
    var north: Double
}

extension GeoCell {
    /// Whether the cells around this one reach as far as the bounds.
    fileprivate func reaches(_ bounds: GeoBounds) -> Bool {
        moved(east: 0, north: 1).latitudes.upperBound >= bounds.north
            && moved(east: 0, north: -1).latitudes.lowerBound <= bounds.south
            && moved(east: 1, north: 0).longitudes.upperBound >= bounds.east
            && moved(east: -1, north: 0).longitudes.lowerBound <= bounds.west
    }

    /// Whether the cell beside this one cannot have any of the area, since this one reaches beyond
    /// the area on that side.
    fileprivate func hasNoneOf(_ bounds: GeoBounds, east: Int64, north: Int64) -> Bool {
        let (longitudes, latitudes) = (longitudes, latitudes)
        return north < 0 && latitudes.lowerBound < bounds.south
            || north > 0 && latitudes.upperBound > bounds.north
            || east < 0 && longitudes.lowerBound < bounds.west
            || east > 0 && longitudes.upperBound > bounds.east
    }
}
