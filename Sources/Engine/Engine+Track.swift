import Base
import Placement

extension Engine {
    /// Whether somebody waits for, or is to be told of, a key that has been written. As
    /// ``hasReadyKeys()`` a function, since reading the field from another module copies what it
    /// is in.
    package mutating func hasNews() -> Bool { keyspace.watches.hasNews }

    /// Whether somebody is to be told of a key that has been written.
    package mutating func hasInvalidations() -> Bool { keyspace.watches.hasInvalidations }

    /// The client holds what a request has read: it is told when a key of it is written. Nothing
    /// for requests that do not only read.
    package mutating func remember(
        _ request: Request, _ pipeline: borrowing Pipeline, _ tracker: Tracker
    ) {
        let traits = commands.traits(request.command)
        if !traits.has(.readOnly) { return }
        var places = KeyArguments(traits, request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            keyspace.watches.remember(reference(key), tracker)
        }
        keyspace.watches.boundTracked(Self.trackingBudget, &random)
    }

    /// How many keys go at most when the table of tracked keys is over its limit: more than a
    /// request adds in general.
    private static var trackingBudget: Int { 128 }
}
