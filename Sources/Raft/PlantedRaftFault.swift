/// A bug that a test plants in a node to see that the checkers catch it. A server never sets one.
package enum PlantedRaftFault: CaseIterable, Sendable {
    /// A vote leaves before it is durable.
    case voteNotDurable
    /// A node votes for whoever asks last.
    case votesTwice
    /// A node votes for candidates whose logs lack entries.
    case voteIgnoresLog
    /// A node votes against the leader that it hears.
    case voteDisloyal
    /// A node that starts feels no loyalty.
    case loyaltyForgotten
    /// A candidate asks for votes at once.
    case noPreVote
    /// A leader without a majority goes on.
    case noCheckQuorum
    /// Entries count as matched before they are durable.
    case entriesNotDurable
    /// A request cuts off what stands behind its entries, alike or not.
    case appendTruncates
    /// A follower takes the leader's commit index for entries that it has not compared.
    case commitNotCompared
    /// A leader counts replicas of entries of older terms.
    case olderTermCounted
    /// A leader takes replies to an older leader for replies to itself.
    case olderRepliesCounted
    /// Learners count as voters when entries commit.
    case learnersCounted
    /// The members of a dropped entry stay in force.
    case configurationKept
    /// Members change before an entry of the leader's term is committed.
    case changeBeforeOwnTerm
    /// Members change while the change before is not committed.
    case changesOverlap
    /// A leader confirms reads before an entry of its term is committed.
    case readBeforeOwnTerm
    /// A leader confirms reads without asking anybody.
    case readWithoutRound
    /// A lease lasts from a reply on, not from the beginning of its round.
    case leaseFromReply
    /// A lease has no margin for clocks that drift.
    case leaseWithoutMargin
    /// A leader that has ordered a hand-over has leases again.
    case leaseKeptInTransfer
    /// A proposal that is not committed when leadership ends is reported as superseded.
    case unknownCalledSuperseded
    /// A failed sync counts as one.
    case failureIgnored
}
