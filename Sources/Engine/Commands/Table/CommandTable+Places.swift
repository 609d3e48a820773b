extension CommandTable {
    /// The rows of the commands over places.
    static let places: [Command] = [
        Command(
            .geoadd, "geoadd", arity: -5, flags: [.write, .denyOutOfMemory],
            keys: .first, scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(log N) for each member named, N the members",
            summary: "Adds places, members with a longitude and a latitude."),
        Command(
            .geodist, "geodist", arity: -4, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(1)",
            summary: "Returns the distance between two places."),
        Command(
            .geohash, "geohash", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(N), N the members named",
            summary: "Returns places as geohash.org spells them."),
        Command(
            .geopos, "geopos", arity: -2, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(N), N the members named",
            summary: "Returns longitudes and latitudes of members."),
        Command(
            .georadius, "georadius", arity: -6, flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .firstAndStore(from: 6), scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Returns or stores the members within a distance of a place."),
        Command(
            .georadiusReadOnly, "georadius_ro", arity: -6, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "3.2.10",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Returns the members within a distance of a place."),
        Command(
            .georadiusbymember, "georadiusbymember", arity: -5,
            flags: [.write, .denyOutOfMemory, .movableKeys],
            keys: .firstAndStore(from: 5), scope: .keys, group: .geo, since: "3.2.0",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Returns or stores the members within a distance of another one."),
        Command(
            .georadiusbymemberReadOnly, "georadiusbymember_ro", arity: -5, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "3.2.10",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Returns the members within a distance of another one."),
        Command(
            .geosearch, "geosearch", arity: -7, flags: [.readOnly],
            keys: .first, scope: .keys, group: .geo, since: "6.2.0",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Returns the members in a circle or a rectangle."),
        Command(
            .geosearchstore, "geosearchstore", arity: -8, flags: [.write, .denyOutOfMemory],
            keys: .range(first: 1, last: 2, step: 1), scope: .keys, group: .geo, since: "6.2.0",
            complexity: "O(N + log M), N the members in the cells around the area, M all",
            summary: "Stores the members in a circle or a rectangle."),
    ]
}
