import Base
import Engine

/// Which connections CLIENT KILL and CLIENT LIST mean.
struct ClientFilter {
    private var numbers: Set<Int64>?
    private var type: ClientType?
    private var address: Bytes?
    private var localAddress: Bytes?
    private(set) var skipsAsker = false
    /// CLIENT KILL ip:port: an answer of OK, and an error where no client is meant.
    private(set) var isOldForm = false
    /// What is wrong with the arguments; the rest then means nothing.
    private(set) var error: String?

    private init() {}

    /// The arguments of CLIENT KILL: ip:port, or pairs of a filter and its value.
    static func kill(_ call: Invocation) -> ClientFilter {
        var filter = ClientFilter()
        if call.count == 3 {
            filter.address = call[2]
            filter.isOldForm = true
            return filter
        }
        filter.skipsAsker = true
        var index = 2
        while index < call.count, filter.error == nil {
            if index + 1 == call.count {
                filter.error = syntaxError
            } else {
                filter.read(call[index], call[index + 1])
            }
            index += 2
        }
        return filter
    }

    /// The arguments of CLIENT LIST [TYPE type | ID id [id …]].
    static func list(_ call: Invocation) -> ClientFilter {
        var filter = ClientFilter()
        if call.count == 2 { return filter }
        if call.count == 4, call[2].equalsIgnoringCase("type") {
            filter.readType(call[3])
        } else if call.count > 3, call[2].equalsIgnoringCase("id") {
            filter.numbers = []
            for index in 3..<call.count {
                if let number = call[index].canonicalInteger {
                    filter.numbers?.insert(number)
                } else {
                    filter.error = "ERR Invalid client ID"
                }
            }
        } else {
            filter.error = syntaxError
        }
        return filter
    }

    private static let syntaxError = "ERR syntax error"

    private mutating func read(_ name: Bytes, _ value: Bytes) {
        if name.equalsIgnoringCase("id") {
            guard let number = value.canonicalInteger, number > 0 else {
                error = "ERR client-id should be greater than 0"
                return
            }
            numbers = [number]
        } else if name.equalsIgnoringCase("type") {
            readType(value)
        } else if name.equalsIgnoringCase("addr") {
            address = value
        } else if name.equalsIgnoringCase("laddr") {
            localAddress = value
        } else if name.equalsIgnoringCase("user") {
            if !(value == Bytes("default")) { error = "ERR No such user '\(value.string)'" }
        } else if name.equalsIgnoringCase("skipme"), value.equalsIgnoringCase("yes") {
            skipsAsker = true
        } else if name.equalsIgnoringCase("skipme"), value.equalsIgnoringCase("no") {
            skipsAsker = false
        } else {
            error = Self.syntaxError
        }
    }

    private mutating func readType(_ word: Bytes) {
        type = ClientType(word)
        if type == nil { error = "ERR Unknown client type '\(word.string)'" }
    }

    /// Whether a connection is meant, whoever asks.
    func accepts(_ connection: ConnectionReference) -> Bool {
        let details = connection.state.details
        if let numbers, !numbers.contains(details.number) { return false }
        let isSubscriber = connection.state.session.isSubscriber
        if let type, type != (isSubscriber ? .subscriber : .normal) { return false }
        if let address, address.string != details.address { return false }
        if let localAddress, localAddress.string != details.localAddress { return false }
        return true
    }
}

/// The kinds of clients that filters name. This server has normal ones and subscribers so far.
private enum ClientType {
    case normal
    case master
    case replica
    case subscriber

    init?(_ word: Bytes) {
        if word.equalsIgnoringCase("normal") {
            self = .normal
        } else if word.equalsIgnoringCase("master") {
            self = .master
        } else if word.equalsIgnoringCase("replica") || word.equalsIgnoringCase("slave") {
            self = .replica
        } else if word.equalsIgnoringCase("pubsub") {
            self = .subscriber
        } else {
            return nil
        }
    }
}
