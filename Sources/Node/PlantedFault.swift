/// A bug that a test plants in a core to see that the simulator's checkers catch it. Looked at on
/// paths over several cores only, so a request on one core pays nothing; a server never sets one.
package enum PlantedFault: CaseIterable, Sendable {
    /// An owner lends keys without holding them.
    case holdNotTaken
    /// An owner lets keys go when it has lent them, not when they are back.
    case holdReleasedEarly
    /// Operations take their cores in no common order.
    case coresUnordered
    /// A reply of another core is put before earlier replies of this one.
    case repliesOutOfOrder
    /// EXEC runs although a watched key was written.
    case watchIgnored
    /// A request that waited lets later ones of its connection pass held keys as well.
    case passKept
    /// Requests of a core overtake earlier ones of it that wait for a key.
    case parcelOvertakes
    /// Who waits for a key is not woken when it is let go.
    case wakeForgotten
    /// A key that a transaction deleted stays with its owner.
    case deleteNotSettled
    /// An element that a client has taken stays in its list.
    case offerDeclinedThoughTaken
    /// An element that nobody was there for is removed.
    case offerTakenThoughOver
    /// Who waits for an element is not served when there is one.
    case readyForgotten
    /// A client whose wait is over stays in the queues of other cores' keys.
    case registrationKept
    /// The watches of a connection that goes stay.
    case watchesKept
    /// What the kernel did not take of a send is sent from the start again.
    case sendRepeated
}
