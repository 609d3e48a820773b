import Base
import Log

/// The members: who votes, and who only receives the log (thesis 4).
///
/// Both lists ascend, have no id twice and none in common.
public struct Configuration: Hashable, Sendable {
    /// Those whose majority elects and commits.
    public private(set) var voters: [NodeBits]
    /// Those who receive the log and count for nothing.
    public private(set) var learners: [NodeBits]

    /// More are refused: each costs a message for every entry, and none makes it safer than five.
    public static let votersMax = 7
    /// More are refused, by decoders as well.
    public static let learnersMax = 4096

    /// Nobody: what a node that waits to be added starts with.
    public init() {
        voters = []
        learners = []
    }

    /// The given members; nil where an id comes twice or there are too many.
    public init?(voters: [NodeBits], learners: [NodeBits] = []) {
        guard voters.count <= Self.votersMax, learners.count <= Self.learnersMax else {
            return nil
        }
        guard Set(voters).union(learners).count == voters.count + learners.count else {
            return nil
        }
        self.voters = voters.sorted { $0.precedes($1) }
        self.learners = learners.sorted { $0.precedes($1) }
    }

    /// How many voters are more than half.
    public var majority: Int { voters.count / 2 + 1 }

    /// Everybody, voters first.
    public var members: [NodeBits] { voters + learners }

    /// Whether `node` votes.
    public func isVoter(_ node: NodeBits) -> Bool { voters.contains(node) }

    /// Whether `node` is a member.
    public func contains(_ node: NodeBits) -> Bool {
        voters.contains(node) || learners.contains(node)
    }

    /// The highest value that a majority of the voters has reached.
    ///
    /// - Parameter value: what a voter has reached.
    /// - Returns: nil without voters.
    func reachedByMajority<Value: Comparable>(_ value: (NodeBits) -> Value) -> Value? {
        if voters.isEmpty { return nil }
        return voters.map(value).sorted(by: >)[majority - 1]
    }

    /// The members after `change`, or why there is no such step.
    public func applying(_ change: MembershipChange) -> Result<Configuration, ChangeRefusal> {
        var changed = self
        switch change {
        case .addLearner(let node):
            if contains(node) { return .failure(.alreadyMember) }
            if learners.count == Self.learnersMax { return .failure(.tooManyLearners) }
            changed.learners.append(node)
        case .promote(let node):
            guard learners.contains(node) else { return .failure(.notLearner) }
            if voters.count == Self.votersMax { return .failure(.tooManyVoters) }
            changed.learners.removeAll { $0 == node }
            changed.voters.append(node)
        case .demote(let node):
            guard voters.contains(node) else { return .failure(.notVoter) }
            if voters.count == 1 { return .failure(.lastVoter) }
            if learners.count == Self.learnersMax { return .failure(.tooManyLearners) }
            changed.voters.removeAll { $0 == node }
            changed.learners.append(node)
        case .remove(let node):
            guard contains(node) else { return .failure(.notMember) }
            if voters == [node] { return .failure(.lastVoter) }
            changed.voters.removeAll { $0 == node }
            changed.learners.removeAll { $0 == node }
        }
        changed.voters.sort { $0.precedes($1) }
        changed.learners.sort { $0.precedes($1) }
        return .success(changed)
    }

    /// Checks what the type promises.
    public func checkInvariants() {
        invariant(voters.count <= Self.votersMax, "there are no more voters than are allowed")
        invariant(learners.count <= Self.learnersMax, "there are not too many learners")
        for list in [voters, learners] {
            for (left, right) in zip(list, list.dropFirst()) {
                invariant(left.precedes(right), "members ascend")
            }
        }
        invariant(!voters.contains { learners.contains($0) }, "a voter is no learner")
    }
}

/// One step from one configuration to the next: the sets of voters before and after differ by one
/// node at most, so that their majorities share a voter (thesis 4.1).
public enum MembershipChange: Hashable, Sendable {
    /// Add a node that receives the log and does not vote.
    case addLearner(NodeBits)
    /// Let a learner that has caught up vote.
    case promote(NodeBits)
    /// Make a voter a learner.
    case demote(NodeBits)
    /// Remove a member; a leader that removes itself steps down when that is committed.
    case remove(NodeBits)
}

/// Why members were not changed: surely not done.
public enum ChangeRefusal: UInt8, Error, Sendable, CaseIterable {
    /// Only a leader changes members.
    case notLeader
    /// The change before is not committed.
    case changeInProgress
    /// No entry of the leader's term is committed (thesis 4.1, and the erratum to it of 2015).
    case ownTermNotCommitted
    /// Leadership is being handed over.
    case transferring
    /// The node is a member.
    case alreadyMember
    /// The node is not a learner.
    case notLearner
    /// The node is not a voter.
    case notVoter
    /// The node is not a member.
    case notMember
    /// Somebody must vote.
    case lastVoter
    /// There are as many voters as are allowed.
    case tooManyVoters
    /// There are as many learners as are allowed.
    case tooManyLearners
    /// The learner lacks more entries than a promotion allows.
    case lagging
    /// The uncommitted log is as long as it may be.
    case tooManyUncommitted
}
