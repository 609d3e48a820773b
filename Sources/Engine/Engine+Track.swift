import Base
import Placement

extension Engine {
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
