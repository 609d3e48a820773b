import Base

/// The arguments of a search for places.
struct GeoSearch {
    private(set) var shape = GeoShape()
    private(set) var withDistance = false
    private(set) var withHash = false
    private(set) var withCoordinates = false
    /// How many members at most; 0 for all.
    private(set) var count = 0
    /// The first ones found do.
    private(set) var takesAny = false
    /// Nil where the order does not matter.
    private(set) var isAscending: Bool?
    /// Which argument says where the result is stored, if it is.
    private(set) var target: Int?
    private(set) var storesDistance = false
    private var hasMember = false
    private var hasPlace = false
    private var hasRadius = false
    private var hasBox = false

    /// How many things are told of each member.
    var partCount: Int {
        (withDistance ? 1 : 0) + (withHash ? 1 : 0) + (withCoordinates ? 1 : 0)
    }

    /// Reads the arguments; nil after answering with an error.
    ///
    /// - Parameter entry: the sorted set, if it is there.
    init?(
        _ call: Invocation, _ command: GeoCommand, _ entry: Entry?, _ engine: inout Engine
    ) {
        if command == .searchStore { target = 1 }
        if !readShape(call, command, entry, &engine) { return nil }
        var index = command.options
        while index < call.count {
            if !readOption(call, &index, command, entry, &engine) { return nil }
            index += 1
        }
        if !check(call, command, &engine) { return nil }
        if count != 0, isAscending == nil, !takesAny { isAscending = true }
    }

    /// Reads what GEORADIUS and its kin have before their options.
    private mutating func readShape(
        _ call: Invocation, _ command: GeoCommand, _ entry: Entry?, _ engine: inout Engine
    ) -> Bool {
        if command.isSearch { return true }
        if command.isByMember {
            // Without a key nothing is read: there is nothing to find.
            if entry == nil { return true }
            if !readMember(call[2], entry, &engine) { return false }
        } else {
            guard let point = engine.readPlace(call, at: 2) else { return false }
            shape.centre = point
        }
        return readRadius(call, at: command.options - 2, &engine)
    }

    private mutating func readMember(
        _ member: Bytes, _ entry: Entry?, _ engine: inout Engine
    ) -> Bool {
        guard let entry else { return true }
        guard let place = engine.keyspace.findScored(member, in: entry) else {
            engine.fail(.geoMember)
            return false
        }
        shape.centre = GeoCell.point(ofScore: place.score)
        return true
    }

    private mutating func readRadius(
        _ call: Invocation, at index: Int, _ engine: inout Engine
    ) -> Bool {
        guard let radius = call[index].score else { return engine.refuse(.geoRadius) }
        if radius < 0 { return engine.refuse(.geoRadiusNegative) }
        shape.extent = .circle(radius)
        return readUnit(call[index + 1], &engine)
    }

    private mutating func readBox(
        _ call: Invocation, at index: Int, _ engine: inout Engine
    ) -> Bool {
        guard let width = call[index].score else { return engine.refuse(.geoWidth) }
        guard let height = call[index + 1].score else { return engine.refuse(.geoHeight) }
        if width < 0 || height < 0 { return engine.refuse(.geoBoxNegative) }
        shape.extent = .rectangle(width, height)
        return readUnit(call[index + 2], &engine)
    }

    private mutating func readUnit(_ name: Bytes, _ engine: inout Engine) -> Bool {
        guard let unit = GeoShape.unit(name) else { return engine.refuse(.geoUnit) }
        shape.unit = unit
        return true
    }

    // MARK: Options

    /// Reads the option at `index` and moves on to its last word; false after answering with an
    /// error.
    private mutating func readOption(
        _ call: Invocation, _ index: inout Int, _ command: GeoCommand, _ entry: Entry?,
        _ engine: inout Engine
    ) -> Bool {
        let word = call[index]
        let left = call.count - index - 1
        if readFlag(word) { return true }
        if word.equalsIgnoringCase("count"), left >= 1 {
            index += 1
            return readCount(call[index], &engine)
        }
        if command.mayStore, left >= 1 {
            let isDistance = word.equalsIgnoringCase("storedist")
            if isDistance || word.equalsIgnoringCase("store") {
                index += 1
                target = index
                storesDistance = isDistance
                return true
            }
        }
        if command == .searchStore, word.equalsIgnoringCase("storedist") {
            storesDistance = true
            return true
        }
        if command.isSearch {
            return readSearchOption(call, &index, left, entry, &engine)
        }
        return engine.refuse(.syntax)
    }

    private mutating func readFlag(_ word: Bytes) -> Bool {
        if word.equalsIgnoringCase("withdist") {
            withDistance = true
        } else if word.equalsIgnoringCase("withhash") {
            withHash = true
        } else if word.equalsIgnoringCase("withcoord") {
            withCoordinates = true
        } else if word.equalsIgnoringCase("any") {
            takesAny = true
        } else if word.equalsIgnoringCase("asc") {
            isAscending = true
        } else if word.equalsIgnoringCase("desc") {
            isAscending = false
        } else {
            return false
        }
        return true
    }

    private mutating func readCount(_ word: Bytes, _ engine: inout Engine) -> Bool {
        guard let number = word.canonicalInteger else { return engine.refuse(.notInteger) }
        if number <= 0 { return engine.refuse(.geoCount) }
        count = Int(number)
        return true
    }

    /// Reads where and what GEOSEARCH and GEOSEARCHSTORE search.
    private mutating func readSearchOption(
        _ call: Invocation, _ index: inout Int, _ left: Int, _ entry: Entry?,
        _ engine: inout Engine
    ) -> Bool {
        let word = call[index]
        let first = index + 1
        if !hasPlace, left >= 1, word.equalsIgnoringCase("frommember") {
            index += 1
            hasMember = true
            return readMember(call[first], entry, &engine)
        }
        if !hasMember, left >= 2, word.equalsIgnoringCase("fromlonlat") {
            guard let point = engine.readPlace(call, at: first) else { return false }
            shape.centre = point
            index += 2
            hasPlace = true
            return true
        }
        if !hasBox, left >= 2, word.equalsIgnoringCase("byradius") {
            index += 2
            hasRadius = true
            return readRadius(call, at: first, &engine)
        }
        if !hasRadius, left >= 3, word.equalsIgnoringCase("bybox") {
            index += 3
            hasBox = true
            return readBox(call, at: first, &engine)
        }
        return engine.refuse(.syntax)
    }

    /// Whether the options go together; false after answering with an error.
    private func check(
        _ call: Invocation, _ command: GeoCommand, _ engine: inout Engine
    ) -> Bool {
        if target != nil, partCount > 0 {
            return engine.refuse(command.isSearch ? .geoSearchStoreParts : .geoRadiusStoreParts)
        }
        if command.isSearch, !hasMember, !hasPlace {
            engine.fail(
                "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for "
                    + call[0].string)
            return false
        }
        if command.isSearch, !hasRadius, !hasBox {
            engine.fail(
                "ERR exactly one of BYRADIUS and BYBOX can be specified for " + call[0].string)
            return false
        }
        return takesAny && count == 0 ? engine.refuse(.geoAny) : true
    }
}

extension Engine {
    /// Answers with an error and returns false.
    fileprivate mutating func refuse(_ error: CommandError) -> Bool {
        fail(error)
        return false
    }
}
