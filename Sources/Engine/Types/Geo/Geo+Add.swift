import Base
import CIntrinsics

extension Engine {
    /// Runs one command over places.
    @inline(never)
    mutating func dispatchGeo(_ call: Invocation) {
        switch call.command {
        case .geoadd: addPlaces(call)
        case .geodist: placeDistance(call)
        case .geohash: placeHashes(call)
        case .geopos: placePositions(call)
        case .geosearch: searchPlaces(call, .search)
        case .geosearchstore: searchPlaces(call, .searchStore)
        case .georadius: searchPlaces(call, .radius)
        case .georadiusReadOnly: searchPlaces(call, .radiusReadOnly)
        case .georadiusbymember: searchPlaces(call, .radiusByMember)
        case .georadiusbymemberReadOnly: searchPlaces(call, .radiusByMemberReadOnly)
        default: invariantFailed("the node runs the commands of its scope")
        }
    }

    /// GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member …]
    @inline(never)
    mutating func addPlaces(_ call: Invocation) {
        var options = AddOptions()
        var first = 2
        while first < call.count, let option = AddOptions(call[first]), option.isOfPlaces {
            options.insert(option)
            first += 1
        }
        let rest = call.count - first
        if rest % 3 != 0 || rest == 0 || options.contains([.ifAbsent, .ifPresent]) {
            fail(.syntax)
            return
        }
        for index in stride(from: first, to: call.count, by: 3) {
            guard let point = readPlace(call, at: index) else {
                endBatch()
                return
            }
            let score = Double(GeoCell(point, step: GeoCell.stepMax).bits)
            memberBatch.append(WalkedMember(element: .bytes(call[index + 2]), score: score))
        }
        addBatch(call.key, options)
    }

    /// Reads a longitude and a latitude; nil after answering with an error.
    mutating func readPlace(_ call: Invocation, at index: Int) -> GeoPoint? {
        guard let longitude = call[index].score, let latitude = call[index + 1].score else {
            fail(.notFloat)
            return nil
        }
        let point = GeoPoint(longitude: longitude, latitude: latitude)
        if !point.isOnMap {
            statistics.errors += 1
            reply.buffer.append("-ERR invalid longitude,latitude pair ")
            reply.appendFixed(longitude, digits: 6)
            reply.buffer.append(",")
            reply.appendFixed(latitude, digits: 6)
            reply.buffer.append("\r\n")
            return nil
        }
        return point
    }

    // MARK: Reading

    /// GEOPOS key [member …]
    @inline(never)
    mutating func placePositions(_ call: Invocation) {
        guard let found = read(call.key, .sortedSet) else { return }
        reply.array(call.count - 2)
        for index in 2..<call.count {
            if let point = point(of: call[index], found.entry) {
                reply.place(point)
            } else {
                reply.nullArray()
            }
        }
    }

    private func point(of member: Bytes, _ entry: Entry?) -> GeoPoint? {
        guard let entry, let place = keyspace.findScored(member, in: entry) else { return nil }
        return GeoCell.point(ofScore: place.score)
    }

    /// GEOHASH key [member …]
    @inline(never)
    mutating func placeHashes(_ call: Invocation) {
        guard let found = read(call.key, .sortedSet) else { return }
        reply.array(call.count - 2)
        for index in 2..<call.count {
            if let point = point(of: call[index], found.entry) {
                reply.geohash(point)
            } else {
                reply.null()
            }
        }
    }

    /// GEODIST key member member [M | KM | FT | MI]
    @inline(never)
    mutating func placeDistance(_ call: Invocation) {
        var unit = 1.0
        if call.count > 4 {
            if call.count > 5 {
                fail(.syntax)
                return
            }
            guard let named = GeoShape.unit(call[4]) else {
                fail(.geoUnit)
                return
            }
            unit = named
        }
        guard let found = read(call.key, .sortedSet) else { return }
        guard let first = point(of: call[2], found.entry),
            let second = point(of: call[3], found.entry)
        else {
            reply.null()
            return
        }
        reply.distance(first.distance(to: second) / unit)
    }
}

extension AddOptions {
    /// Whether GEOADD has the option as well.
    var isOfPlaces: Bool { self == .ifAbsent || self == .ifPresent || self == .countsChanges }
}

extension GeoShape {
    /// How many metres the unit of that name has.
    static func unit(_ name: Bytes) -> Double? {
        if name.equalsIgnoringCase("m") { return 1 }
        if name.equalsIgnoringCase("km") { return 1000 }
        if name.equalsIgnoringCase("ft") { return 0.3048 }
        if name.equalsIgnoringCase("mi") { return 1609.34 }
        return nil
    }
}

extension Reply {
    /// Longitude and latitude.
    mutating func place(_ point: GeoPoint) {
        array(2)
        coordinate(point.longitude)
        coordinate(point.latitude)
    }

    /// A number with up to 17 digits behind the point.
    private mutating func coordinate(_ value: Double) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { text in
            let start = unsafe text.baseAddress.unsafelyUnwrapped
            var number = gyre_decimal_of(value)
            let length = unsafe gyre_decimal_write(&number, start, 64)
            double(unsafe Bytes(start: start, count: length))
        }
    }

    /// A number with four digits behind the point, as a bulk string.
    mutating func distance(_ value: Double) {
        withFixedText(value, digits: 4) { bulk($0) }
    }

    /// A number's text with so many digits behind the point, without a header.
    mutating func appendFixed(_ value: Double, digits: Int32) {
        withFixedText(value, digits: digits) { buffer.append($0) }
    }

    /// The place as geohash.org spells it: eleven letters of five bits each. The last one has no
    /// bits left, as in Redis.
    mutating func geohash(_ point: GeoPoint) {
        let cell = GeoCell(point, step: GeoCell.stepMax, latitudes: -90...90)
        let alphabet = Bytes("0123456789bcdefghjkmnpqrstuvwxyz")
        unsafe withUnsafeTemporaryAllocation(byteCount: 11, alignment: 1) { text in
            for index in 0..<11 {
                let shift = 52 - 5 * (index + 1)
                let bits = shift < 0 ? 0 : Int(truncatingIfNeeded: cell.bits >> UInt64(shift))
                let letter = alphabet[bits & 31]
                unsafe text.storeBytes(of: letter, toByteOffset: index, as: UInt8.self)
            }
            bulk(unsafe Bytes(start: text.baseAddress.unsafelyUnwrapped, count: 11))
        }
    }
}

/// Calls `body` with a finite number's text, which lives as long as the call.
private func withFixedText(_ value: Double, digits: Int32, _ body: (Bytes) -> Void) {
    unsafe withUnsafeTemporaryAllocation(byteCount: 340, alignment: 1) { text in
        let start = unsafe text.baseAddress.unsafelyUnwrapped
        let length = unsafe gyre_fixed_write(value, digits, start, 340)
        body(unsafe Bytes(start: start, count: length))
    }
}
