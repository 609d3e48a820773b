import Base
import Engine
import Placement

/// What CLIENT TRACKING has set for a connection; docs/internals/tracking.md.
struct TrackingModes: OptionSet {
    let rawValue: UInt8

    /// The client is told of writes.
    static let on = TrackingModes(rawValue: 1 << 0)
    /// Of writes to keys by their beginnings, not to keys that it has read.
    static let broadcast = TrackingModes(rawValue: 1 << 1)
    /// Keys are tracked only where CLIENT CACHING YES went before.
    static let optIn = TrackingModes(rawValue: 1 << 2)
    /// Keys are tracked unless CLIENT CACHING NO went before.
    static let optOut = TrackingModes(rawValue: 1 << 3)
    /// The client is not told of its own writes.
    static let noLoop = TrackingModes(rawValue: 1 << 4)
    /// CLIENT CACHING went before.
    static let caching = TrackingModes(rawValue: 1 << 5)
    /// The client that was to be told instead is gone.
    static let brokenRedirection = TrackingModes(rawValue: 1 << 6)
    /// Messages for another client wait for this one's replies.
    static let holdsMessages = TrackingModes(rawValue: 1 << 7)

    /// The client's reads have to be looked at.
    var looksAtReads: Bool { contains(.on) && !contains(.broadcast) }

    /// The keys of a read that is run now are tracked.
    var tracksReads: Bool {
        if !looksAtReads { return false }
        if contains(.optIn) { return contains(.caching) }
        return !(contains(.optOut) && contains(.caching))
    }
}

/// What is rarely needed of a client's tracking.
struct ClientTracking {
    /// Who is told instead of the client.
    var redirection: Redirection?
    /// Beginnings of keys that it is told of, sorted.
    var prefixes: [OwnedBytes] = []
    /// Messages for ``redirection`` that must not overtake this client's replies.
    var held: [HeldInvalidation] = []
    /// What other cores said of clients that a request is about to redirect to.
    var found: [Int64: ConnectionID?] = [:]
}

/// A client that is told instead of another.
struct Redirection: BitwiseCopyable {
    /// As CLIENT ID tells it.
    var number: Int64
    var core: CoreIndex
    var connection: ConnectionID
}

/// A message that waits for its client's replies.
struct HeldInvalidation {
    let body: OwnedBytes
    /// Of the first hole that it need not wait for.
    let hole: UInt32
}

extension Tracker {
    init(_ core: CoreIndex, _ id: ConnectionID) {
        self.init(core: core.rawValue, index: id.index, generation: id.generation)
    }

    var connection: ConnectionID { ConnectionID(index: index, generation: generation) }

    /// Nobody.
    static let nobody = Tracker(core: .max, index: .max, generation: .max)
}

extension Core {
    /// A connection of this core, as other cores name it.
    func tracker(_ id: ConnectionID) -> Tracker { Tracker(index, id) }
}
