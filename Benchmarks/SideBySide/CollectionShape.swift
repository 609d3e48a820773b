import Base

/// What an element of a collection is made of.
enum ElementContent {
    /// A field named as in a record of a user, and 8 to 20 letters.
    case fieldAndText
    /// As ``fieldAndText`` with an integer of one to nine digits.
    case fieldAndInteger
    /// By turns one and the other.
    case fieldAndEither
    /// 8 to 20 letters.
    case text
    /// An integer of one to nine digits.
    case integer
    /// A score of one to six digits and a member of 8 to 20 letters.
    case scoreAndText
    /// A score with digits behind the point, and a member as before.
    case fractionAndText

    var isNamed: Bool {
        switch self {
        case .fieldAndText, .fieldAndInteger, .fieldAndEither: true
        case .text, .integer, .scoreAndText, .fractionAndText: false
        }
    }

    /// How many arguments an element takes.
    var argumentCount: Int {
        switch self {
        case .text, .integer: 1
        case .fieldAndText, .fieldAndInteger, .fieldAndEither, .scoreAndText, .fractionAndText: 2
        }
    }
}

/// Collections of one kind, many small ones or one large one.
struct CollectionShape {
    let name: String
    let command: String
    let content: ElementContent
    let keyCount: Int
    let elementCount: Int

    /// Of many, bytes are counted per key; of one, per element.
    var unitCount: Int { keyCount > 1 ? keyCount : elementCount }

    static let all: [CollectionShape] =
        [
            small("hash text", "HSET", .fieldAndText, 10),
            small("hash int", "HSET", .fieldAndInteger, 10),
            small("hash mixed", "HSET", .fieldAndEither, 10),
            small("list text", "RPUSH", .text, 20),
            small("list int", "RPUSH", .integer, 20),
            small("set text", "SADD", .text, 20),
            small("set int", "SADD", .integer, 20),
            small("zset", "ZADD", .scoreAndText, 20),
            small("zset float", "ZADD", .fractionAndText, 20),
            large("hash 1M text", "HSET", .fieldAndText),
            large("hash 1M int", "HSET", .fieldAndInteger),
            large("list 1M text", "RPUSH", .text),
            large("set 1M text", "SADD", .text),
            large("zset 1M", "ZADD", .scoreAndText),
        ]

    private static func small(
        _ name: String, _ command: String, _ content: ElementContent, _ elementCount: Int
    ) -> CollectionShape {
        CollectionShape(
            name: name, command: command, content: content, keyCount: 300_000,
            elementCount: elementCount)
    }

    private static func large(
        _ name: String, _ command: String, _ content: ElementContent
    ) -> CollectionShape {
        CollectionShape(
            name: name, command: command, content: content, keyCount: 1, elementCount: 1_000_000)
    }
}

/// The requests that make the collections of a shape.
struct CollectionText {
    private let shape: CollectionShape
    private var random = SplitMix64(seed: 11)
    private var buffer: [UInt8] = []

    private static let fieldNames = [
        "username", "email_addr", "country", "created", "lastlogin", "status", "balance",
        "language", "timezone", "referrer",
    ]
    /// Elements of one request of a large collection.
    private static let requestElements = 50

    init(_ shape: CollectionShape) {
        self.shape = shape
    }

    /// Calls `send` with about 32 KiB of requests at a time, and how many there are.
    mutating func forEachPart(_ send: ([UInt8], Int) throws -> Void) rethrows {
        var requests = 0
        for key in 0..<shape.keyCount {
            var element = 0
            while element < shape.elementCount {
                let end = min(
                    element + (shape.keyCount > 1 ? shape.elementCount : Self.requestElements),
                    shape.elementCount)
                appendRequest(key: key, elements: element..<end)
                requests += 1
                element = end
                if buffer.count < 32_768 { continue }
                try send(buffer, requests)
                buffer.removeAll(keepingCapacity: true)
                requests = 0
            }
        }
        if requests > 0 { try send(buffer, requests) }
    }

    private mutating func appendRequest(key: Int, elements: Range<Int>) {
        let count = 2 + elements.count * shape.content.argumentCount
        append(line: "*\(count)")
        append(shape.command)
        append("user:" + padded(key, 11))
        for element in elements { append(element: element) }
    }

    private mutating func append(element: Int) {
        if shape.content.isNamed {
            let names = Self.fieldNames
            append(shape.keyCount > 1 ? names[element % names.count] : "u" + padded(element, 9))
        }
        switch shape.content {
        case .fieldAndText, .text: append(letters())
        case .fieldAndInteger, .integer: append(digits(1...9))
        case .fieldAndEither: append(element % 2 == 0 ? letters() : digits(1...9))
        case .scoreAndText:
            append(digits(1...6))
            append(letters())
        case .fractionAndText:
            append("\(digits(1...4)).\(digits(2...2))")
            append(letters())
        }
    }

    private mutating func letters() -> String {
        let count = Int.random(in: 8...20, using: &random)
        return String(
            decoding: (0..<count).map { _ in UInt8.random(in: 97...122, using: &random) },
            as: UTF8.self)
    }

    private mutating func digits(_ counts: ClosedRange<Int>) -> String {
        let count = Int.random(in: counts, using: &random)
        let first = UInt8.random(in: 49...57, using: &random)
        let rest = (1..<count).map { _ in UInt8.random(in: 48...57, using: &random) }
        return String(decoding: [first] + rest, as: UTF8.self)
    }

    private func padded(_ number: Int, _ length: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(length - digits.count, 0)) + digits
    }

    private mutating func append(_ word: String) {
        append(line: "$\(word.utf8.count)")
        append(line: word)
    }

    private mutating func append(line: String) {
        buffer += Array(line.utf8)
        buffer += [13, 10]
    }
}
