import TestSupport

/// What a scripted session does, in order. Each step waits for its replies before the next begins,
/// so several connections interleave the same way on every run.
enum Step: Sendable, CustomStringConvertible {
    /// Calls on one connection that shrinking keeps together, then a time in which nothing happens.
    case calls(connection: Int, [Call], pauseMilliseconds: UInt32)
    /// A whole iteration of SCAN, or of HSCAN and a key, with these options, compared as a set.
    case scan(connection: Int, of: [[UInt8]], options: [[UInt8]])

    static func call(_ connection: Int, _ call: Call) -> Step {
        .calls(connection: connection, [call], pauseMilliseconds: 0)
    }

    var connection: Int {
        switch self {
        case .calls(let connection, _, _), .scan(let connection, _, _): connection
        }
    }

    var description: String {
        switch self {
        case .calls(let connection, let calls, let pause):
            let text = calls.map(\.description).joined(separator: "; ")
            return "\(connection)> \(text)" + (pause > 0 ? "  (then \(pause) ms)" : "")
        case .scan(let connection, let scanned, let options):
            return "\(connection)> a whole iteration of \(Call(scanned)) \(Call(options))"
        }
    }
}

/// A generated session on fresh connections and an empty keyspace.
struct Script: Sendable {
    var steps: [Step]
    /// 2 or 3.
    let protocolVersion: Int
    /// How the connections' bytes are sent; `nil` waits for each reply. Otherwise a seed for the
    /// places where one long pipeline is cut into separate sends (its pauses are skipped).
    var pipelineSeed: UInt64?

    var connectionCount: Int { (steps.map(\.connection).max() ?? 0) + 1 }
}

/// The first place where the servers disagreed.
struct Difference: CustomStringConvertible {
    let step: String
    let reference: String
    let subject: String

    var description: String {
        """
        at:        \(Self.shortened(step))
        reference: \(Self.shortened(reference))
        subject:   \(Self.shortened(subject))
        """
    }

    private static func shortened(_ text: String) -> String {
        text.count <= 1_500 ? text : "\(text.prefix(1_200)) … \(text.suffix(200))"
    }
}

/// What a call ended in.
enum Outcome: Equatable, CustomStringConvertible {
    case reply(Received)
    case closed
    case failed(String)

    /// Performs an exchange; everything that can go wrong is an outcome.
    init(_ exchange: () throws -> Received) {
        do {
            self = .reply(try exchange())
        } catch ConnectionError.closed {
            self = .closed
        } catch {
            self = .failed("\(error)")
        }
    }

    var received: Received? {
        if case .reply(let received) = self { received } else { nil }
    }

    var description: String {
        switch self {
        case .reply(let received): "\(received.reply)"
        case .closed: "the connection was closed"
        case .failed(let what): what
        }
    }
}
