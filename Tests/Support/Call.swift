/// A command as a client sends it: the name and its arguments, any bytes.
public struct Call: Equatable, Sendable, CustomStringConvertible {
    public var arguments: [[UInt8]]

    public init(_ arguments: [[UInt8]]) {
        self.arguments = arguments
    }

    public init(_ arguments: String...) {
        self.arguments = arguments.map { Array($0.utf8) }
    }

    /// Splits at single spaces: for calls without spaces or quotes in their arguments.
    public init(words: String) {
        arguments = words.split(separator: " ").map { Array($0.utf8) }
    }

    /// The name in upper case, as tables of commands spell it.
    public var name: String {
        arguments.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
    }

    /// The first argument in upper case: the subcommand of CLIENT, CONFIG, OBJECT and their like.
    public var subcommand: String? {
        arguments.count > 1 ? String(decoding: arguments[1], as: UTF8.self).uppercased() : nil
    }

    /// The call as a RESP array of bulk strings.
    public var encoded: [UInt8] {
        var bytes = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments {
            bytes += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10]
        }
        return bytes
    }

    /// As one would type it into redis-cli.
    public var description: String {
        arguments.map { argument in
            let plain = argument.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
            let isShort = argument.count <= 200
            return plain && isShort && !argument.isEmpty && !argument.contains(0x27)
                ? String(decoding: argument, as: UTF8.self) : quoted(argument)
        }.joined(separator: " ")
    }
}
