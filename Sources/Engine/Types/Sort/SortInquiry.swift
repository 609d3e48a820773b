// What a large SORT asks of other cores: the values of keys that its elements name.
//
// All cores are held whole meanwhile (docs/internals/sort.md), so what they answer one after the
// other is the state of one moment. Of each core some keys are asked for at a time, in the order
// in which the sort wants their values; an answer is bounded in bytes, so a long value comes in
// several.

import Base
import Placement

/// What a sort asks of other cores; its work and the owner of works both have it.
///
/// An object, as it lives over many turns and is off the path of requests that are run at once.
package final class SortInquiry {
    fileprivate var peers: [SortPeer] = []
    /// The sort cannot go on before an answer comes.
    package internal(set) var isWaiting = false
    /// When the sort began: what is due later is still there for it.
    let beganAt: Int64

    init(at now: Int64) {
        beganAt = now
    }

    func peer(_ core: CoreIndex) -> SortPeer {
        if let known = peers.first(where: { $0.core == core }) { return known }
        let peer = SortPeer(core)
        peers.append(peer)
        return peer
    }

    /// All that was asked has been answered and read.
    func clear() {
        for peer in peers { peer.clear() }
    }

    /// The next core that is to be asked.
    package func nextToAsk() -> CoreIndex? { peers.first { $0.isToBeAsked }?.core }

    /// Writes what a core is to be asked, for ``Engine/answerSort(_:into:)`` there.
    package func ask(_ core: CoreIndex, into output: inout OutputBuffer) {
        output.append(integer: beganAt)
        peer(core).ask(into: &output)
    }

    /// A core has answered.
    package func answered(_ core: CoreIndex, _ answers: Bytes) {
        peer(core).take(answers)
        isWaiting = false
    }
}

/// What a sort asks of one core.
final class SortPeer {
    let core: CoreIndex
    private var questions = OutputBuffer()
    /// Where the first question begins whose value has not come whole, and how much of that has.
    private var asked = 0
    private var offset = 0
    private var answers = OutputBuffer()
    /// How far the answers have been read.
    private var read = 0
    /// The core has been asked and has not answered.
    private var isOut = false

    init(_ core: CoreIndex) {
        self.core = core
    }

    fileprivate var isToBeAsked: Bool {
        !isOut && read == answers.count && asked < questions.count
    }

    /// Adds a question: for the string at a key, or for a field of the hash there.
    func add(_ key: Bytes, _ field: Bytes?) {
        questions.append(integer: Int64(key.count))
        questions.append(integer: Int64(field?.count ?? -1))
        questions.append(key)
        if let field { questions.append(field) }
    }

    fileprivate func ask(into output: inout OutputBuffer) {
        output.append(integer: Int64(offset))
        output.append(questions.bytes.slice(asked, questions.count))
        isOut = true
    }

    fileprivate func take(_ bytes: Bytes) {
        isOut = false
        answers.removeAll()
        answers.append(bytes)
        read = 0
        var place = 0
        while place < bytes.count {
            let answer = SortAnswer(bytes, at: &place)
            if let length = answer.length, offset + answer.piece.count < length {
                offset += answer.piece.count
            } else {
                offset = 0
                asked = SortQuestion(questions.bytes, at: asked).end
            }
        }
    }

    /// The next answer; nil where none has come yet. Its bytes live until the peer is asked again.
    func next() -> SortAnswer? {
        if read == answers.count { return nil }
        return SortAnswer(answers.bytes, at: &read)
    }

    fileprivate func clear() {
        questions.removeAll()
        asked = 0
        answers.removeAll()
        read = 0
    }
}

/// What a core says of a key: some bytes of the value.
struct SortAnswer: BitwiseCopyable {
    /// Of the whole value; nil where there is none.
    let length: Int?
    let piece: Bytes

    init(length: Int?, piece: Bytes) {
        self.length = length
        self.piece = piece
    }

    /// Reads the answer at `place`, and moves on to the next.
    init(_ bytes: Bytes, at place: inout Int) {
        let length = Int(bytes.integer(at: place))
        let start = place + 16
        let end = start + Int(bytes.integer(at: place + 8))
        self.length = length < 0 ? nil : length
        piece = bytes.slice(start, end)
        place = end
    }

    func write(into output: inout OutputBuffer) {
        output.append(integer: Int64(length ?? -1))
        output.append(integer: Int64(piece.count))
        output.append(piece)
    }
}

/// A key that a core is asked for, as ``SortPeer/add(_:_:)`` put it.
private struct SortQuestion {
    let key: Bytes
    let field: Bytes?
    /// Where the next one begins.
    let end: Int

    init(_ bytes: Bytes, at place: Int) {
        let keyStart = place + 16
        let keyEnd = keyStart + Int(bytes.integer(at: place))
        let fieldCount = Int(bytes.integer(at: place + 8))
        key = bytes.slice(keyStart, keyEnd)
        end = keyEnd + max(fieldCount, 0)
        field = fieldCount < 0 ? nil : bytes.slice(keyEnd, end)
    }
}

extension Engine {
    /// An answer to a sort has little more bytes than this.
    private static var sortAnswerMax: Int { 1 << 16 }

    /// Answers what another core's sort asks, as far as there is room.
    ///
    /// - Parameter questions: as ``SortInquiry/ask(_:into:)`` wrote them.
    package mutating func answerSort(_ questions: Bytes, into answers: inout OutputBuffer) {
        let time = questions.integer(at: 0)
        var offset = Int(questions.integer(at: 8))
        var place = 16
        while place < questions.count, answers.count < Self.sortAnswerMax {
            let question = SortQuestion(questions, at: place)
            place = question.end
            let value = sortValue(
                reference(question.key), question.field, at: time, isCounted: offset == 0)
            guard let value else {
                SortAnswer(length: nil, piece: Bytes()).write(into: &answers)
                continue
            }
            let isWhole = value.withBytes { bytes in
                let end = min(bytes.count, offset + Self.sortAnswerMax)
                SortAnswer(length: bytes.count, piece: bytes.slice(offset, end))
                    .write(into: &answers)
                return end == bytes.count
            }
            if !isWhole { return }
            offset = 0
        }
    }

    /// The string at a key, or a field of the hash there, as it was at `time`; nil where there is
    /// none.
    ///
    /// - Parameter isCounted: the key counts as read.
    mutating func sortValue(
        _ key: KeyReference, _ field: Bytes?, at time: Int64, isCounted: Bool
    ) -> StringValue? {
        guard let entry = keyspace.findEntry(key, at: time) else {
            if isCounted { keyspace.noteMiss(key) }
            return nil
        }
        if isCounted { keyspace.noteRead(entry) }
        if let field {
            return entry.type == .hash ? keyspace.findField(field, in: entry) : nil
        }
        return entry.isString ? keyspace.string(of: entry) : nil
    }

    /// What the work that has just begun asks of other cores, if anything.
    package mutating func takeSortInquiry() -> SortInquiry? {
        defer { sortInquiry = nil }
        return sortInquiry
    }
}
