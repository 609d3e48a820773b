/// A bug that a test plants in a node to see that the checks catch it; a server never sets one.
package enum PlantedGossipFault: CaseIterable, Sendable {
    /// A suspicion of this node is never refuted.
    case suspicionNotRefuted
    /// A suspicion is refuted with the same incarnation.
    case incarnationNotRaised
    /// The dead are forgotten at once.
    case deadForgotten
    /// An older standing replaces a newer one.
    case oldNewsTaken
    /// Nobody else is asked before a member is suspected.
    case noProxies
    /// A failed probe confirms the death.
    case noSuspicion
    /// A suspect is not told, and not asked again.
    case suspectNotTold
    /// A node that hears badly does not doubt itself.
    case healthIgnored
    /// The time that this process stood still counts as others' silence.
    case stallIgnored
    /// The dead are never contacted again.
    case deadAbandoned
    /// A ring epoch is noted and not passed on.
    case epochKept
    /// Rumours are told for ever.
    case rumorsKept
    /// A newcomer takes over the id of a living member.
    case newcomerTakesOver
    /// A process keeps on under an id that another one has.
    case conflictIgnored
    /// A full table grows.
    case tableUnbounded
    /// A leaving node does not say so.
    case leaveNotTold
    /// Tables are not exchanged.
    case noExchange
    /// An answer counts whoever it is from.
    case answerOfAnother
}
