import Base
import Log

@testable import Raft

/// A script that drives a cluster, and the text of what happens.
///
/// Lines that begin with `> ` are commands, those with `#` remarks; the others are what the command
/// before them brought about.
///
/// | command | does |
/// |---|---|
/// | `nodes 3 1` | three voters and one node that waits to be added |
/// | `time 500` | lets milliseconds pass; nobody is told |
/// | `tick 1` | node 1 looks at the clock |
/// | `run 500` | lets milliseconds pass, with everything ticked, delivered and synced |
/// | `campaign 1` | node 1 begins an election, without asking before |
/// | `deliver 1 2` | all messages from 1 to 2; `deliver` alone: all there are, once |
/// | `drop 1 2` | loses them; `drop` alone: all there are |
/// | `sync 1` | node 1's disk syncs all that it was asked to |
/// | `settle` | delivers and syncs until nothing is under way |
/// | `partition 1 2 / 3` | cuts the groups from each other |
/// | `heal` | ends all cuts |
/// | `propose 1 text` | proposes a command at node 1 |
/// | `change 1 add 4` | proposes a change: add, promote, demote, remove |
/// | `transfer 1 2` | node 1 hands over to 2 |
/// | `read 1 7` | read number 7 at node 1 |
/// | `lease 1` | asks node 1 for its lease |
/// | `crash 1` | node 1 stops and loses what is not synced |
/// | `restart 1` | node 1 starts |
/// | `failDisk 1` | node 1's disk fails |
/// | `quietly settle` | the same as without it, and does not say what happens |
/// | `status` | a line for each node |
/// | `network` | what is under way |
final class Scenario {
    private var cluster = RaftCluster(voters: 1)
    private var output: [String] = []

    /// Runs the commands of a script; the script again, with what happens now.
    func run(_ script: String) -> String {
        var lines: [String] = []
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") || line.isEmpty { lines.append(String(line)) }
            guard line.hasPrefix("> ") else { continue }
            lines.append(String(line))
            output = []
            let words = line.dropFirst(2).split(separator: " ").map(String.init)
            let isQuiet = words.first == "quietly"
            perform(isQuiet ? Array(words.dropFirst()) : words)
            if isQuiet { output = [] }
            for failure in cluster.checker.failures { output.append("WRONG: \(failure)") }
            lines += output
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private func perform(_ words: [String]) {
        let numbers = words.dropFirst().compactMap { Int($0) }
        let first = numbers.first ?? 1
        let second = numbers.count > 1 ? numbers[1] : 0
        switch words[0] {
        case "nodes": found(first, second)
        case "time": cluster.advance(Int64(first))
        case "tick": cluster.tick(cluster[first])
        case "run": cluster.run(Int64(first))
        case "campaign": cluster.campaign(first)
        case "deliver" where numbers.isEmpty:
            for _ in 0..<cluster.messages.count { cluster.deliver(0) }
        case "deliver": cluster.deliver(first, second)
        case "drop" where numbers.isEmpty: cluster.drop()
        case "drop":
            cluster.messages.removeAll { $0.from == node(first) && $0.to == node(second) }
        case "sync": cluster.sync(first)
        case "settle": cluster.settle()
        case "partition":
            let groups = words.dropFirst().split(separator: "/")
            cluster.partition(groups.map { $0.compactMap { Int($0) } })
        case "heal": cluster.cuts = []
        case "crash":
            cluster.crash(cluster[first], cluster[first].disk.pending.map { _ in .absent })
        case "restart": cluster.restart(cluster[first])
        case "failDisk": cluster.failDisk(cluster[first])
        default: ask(words, first, second)
        }
    }

    private func ask(_ words: [String], _ first: Int, _ second: Int) {
        switch words[0] {
        case "propose": answer(cluster.propose(cluster[first], words[2]))
        case "change":
            let target = node(Int(words[3]) ?? 0)
            let changes: [String: MembershipChange] = [
                "add": .addLearner(target), "promote": .promote(target),
                "demote": .demote(target), "remove": .remove(target),
            ]
            if let change = changes[words[2]] { answer(cluster.change(cluster[first], change)) }
        case "transfer":
            let refusal = cluster.step(cluster[first]) { raft, now, outbox in
                raft.transferLeadership(to: node(second), now: now, into: &outbox)
            }
            if let refusal, let refusal { output.append("refused: \(refusal)") }
        case "read":
            let refusal = cluster.step(cluster[first]) { raft, now, outbox in
                raft.read(ReadID(UInt64(second)), now: now, into: &outbox)
            }
            if let refusal, let refusal { output.append("refused: \(refusal)") }
        case "lease": output.append(Describe.lease(cluster.lease(cluster[first])))
        case "status": for node in cluster.nodes { output.append(Describe.status(node)) }
        case "network": for message in cluster.messages { output.append(Describe.message(message)) }
        default: output.append("no such command")
        }
    }

    private func answer<Refusal: Error>(_ answer: Result<EntryID, Refusal>) {
        switch answer {
        case .success(let id): output.append("accepted \(Describe.id(id))")
        case .failure(let refusal): output.append("refused: \(refusal)")
        }
    }

    private func found(_ voters: Int, _ spares: Int) {
        cluster = RaftCluster(voters: voters, spares: spares)
        for node in cluster.nodes {
            node.raft.leaderContact = -10_000
        }
        cluster.onEffect = { [unowned self] node, effect in
            output.append("\(number(node)) \(Describe.effect(effect))")
        }
    }
}

/// Short texts for scripts.
enum Describe {
    static func id(_ id: EntryID) -> String { "\(id.index.rawValue)@\(id.term.rawValue)" }

    static func payload(_ payload: EntryPayload) -> String {
        switch payload {
        case .blank: return "blank"
        case .command(let bytes): return "'\(bytes.string)'"
        case .configuration(let members):
            let learners = members.learners.isEmpty ? "" : " learners \(numbers(members.learners))"
            return "voters \(numbers(members.voters))\(learners)"
        }
    }

    private static func numbers(_ nodes: [NodeBits]) -> String {
        nodes.map { String(number($0)) }.joined(separator: ",")
    }

    static func entries(_ entries: [Entry]) -> String {
        "[" + entries.map { "\(id($0.id)) \(payload($0.payload))" }.joined(separator: ", ") + "]"
    }

    static func lease(_ answer: LeaseAnswer) -> String {
        switch answer {
        case .covered(let index, let until): "covered up to \(index.rawValue) until \(until)"
        case .refused(let refusal): "refused: \(refusal)"
        }
    }

    static func status(_ node: SimNode) -> String {
        guard node.isUp else { return "\(number(node.id)) down" }
        let leader = node.raft.leader.map { String(number($0)) } ?? "-"
        return
            "\(number(node.id)) \(node.raft.role) term \(node.raft.term.rawValue) leader \(leader)"
            + " last \(id(node.raft.lastEntry)) commit \(node.raft.commit.rawValue)"
            + " applied \(node.raft.applied.rawValue)"
    }

    static func effect(_ effect: RaftEffect) -> String {
        switch effect {
        case .persist(let request):
            let vote = request.hardState.vote.map { " vote \(number($0))" } ?? ""
            let snapshot = request.snapshot.map { " snapshot \(id($0.last))" } ?? ""
            return "persist \(request.sequence.rawValue): term \(request.hardState.term.rawValue)"
                + vote + snapshot
                + (request.entries.isEmpty ? "" : " " + entries(request.entries))
        case .send(let message): return "sends " + self.message(message)
        case .apply(let entry): return "applies \(id(entry.id)) \(payload(entry.payload))"
        case .restore(let snapshot): return "restores \(id(snapshot.last))"
        case .snapshotWanted: return "wants a snapshot"
        case .readConfirmed(let read, let index):
            return "read \(read.rawValue) confirmed at \(index.rawValue)"
        case .readRefused(let read): return "read \(read.rawValue) refused"
        case .proposalUnknown(let entry): return "does not know what becomes of \(id(entry))"
        case .becameLeader(let term): return "leads in term \(term.rawValue)"
        case .becameFollower(let term, let leader):
            let whom = leader.map { " \(number($0))" } ?? " nobody"
            return "follows\(whom) in term \(term.rawValue)"
        case .transferAborted(let target): return "gives up handing over to \(number(target))"
        case .halted(let reason): return "halts: \(reason)"
        }
    }

    static func message(_ message: Message) -> String {
        "\(number(message.from))→\(number(message.to)) term \(message.term.rawValue) "
            + body(message.body)
    }

    private static func body(_ body: MessageBody) -> String {
        switch body {
        case .preVoteRequest(let last): "pre-vote? last \(id(last))"
        case .preVoteReply(let granted): granted ? "pre-vote yes" : "pre-vote no"
        case .voteRequest(let last, let forced):
            "vote?\(forced ? " forced" : "") last \(id(last))"
        case .voteReply(let granted): granted ? "vote yes" : "vote no"
        case .append(let request):
            "append behind \(id(request.previous)) commit \(request.commit.rawValue) "
                + "round \(request.round.rawValue) \(entries(request.entries))"
        case .appendReply(let matched, let received, let round):
            "matched \(matched.rawValue) received \(received.rawValue) round \(round.rawValue)"
        case .appendRejection(let previous, let hint, let round):
            "lacks \(previous.rawValue) hint \(id(hint)) round \(round.rawValue)"
        case .snapshotPart(let part):
            "snapshot \(id(part.last)) from \(part.offset) of \(part.totalSize) "
                + "round \(part.round.rawValue)"
        case .snapshotReply(let last, let received, let round):
            "snapshot \(id(last)) has \(received) round \(round.rawValue)"
        case .timeoutNow: "take over"
        }
    }
}
