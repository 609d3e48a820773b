import Base
import Log

/// What an entry of the log says.
public enum EntryPayload: Hashable, Sendable {
    /// A leader's first entry, which lets it commit what came before (paper 8).
    case blank
    /// A change of the owner's state, in the owner's encoding.
    case command(OwnedBytes)
    /// The members from here on: in force as soon as it is in a log, committed or not (thesis
    /// 4.1).
    case configuration(Configuration)

    /// How many bytes it takes in a message or file, its kind and length included.
    var encodedSize: Int {
        switch self {
        case .blank: 5
        case .command(let bytes): 5 + bytes.count
        case .configuration(let configuration): 5 + configuration.encodedSize
        }
    }
}

/// An entry of the log.
public struct Entry: Hashable, Sendable {
    /// What names it.
    public let id: EntryID
    /// What it says.
    public let payload: EntryPayload

    /// An entry of that name.
    public init(_ id: EntryID, _ payload: EntryPayload) {
        self.id = id
        self.payload = payload
    }

    /// How many bytes it takes in a message.
    var encodedSize: Int { 8 + payload.encodedSize }
}

/// What a node must remember of elections (paper, figure 2).
public struct HardState: Hashable, Sendable {
    /// The highest term that it has seen.
    public var term: Term
    /// Who got its vote in that term.
    public var vote: NodeBits?

    /// The state in `term`.
    public init(term: Term = .zero, vote: NodeBits? = nil) {
        self.term = term
        self.vote = vote
    }
}

/// The state as of an entry, in place of the log up to it (paper 7).
public struct Snapshot: Hashable, Sendable {
    /// The last entry that is in it.
    public var last: EntryID
    /// The members as of that entry.
    public var configuration: Configuration
    /// The owner's state, in the owner's encoding.
    public var state: [UInt8]

    /// A snapshot as of `last`.
    public init(last: EntryID, configuration: Configuration, state: [UInt8]) {
        self.last = last
        self.configuration = configuration
        self.state = state
    }
}
