/// What a key can hold.
package enum ValueType: UInt8, Sendable, BitwiseCopyable {
    case string = 0
    case list = 1
    case set = 2
    case sortedSet = 3
    case hash = 4

    /// As TYPE and SCAN's TYPE name it.
    package var name: StaticString {
        switch self {
        case .string: "string"
        case .list: "list"
        case .set: "set"
        case .sortedSet: "zset"
        case .hash: "hash"
        }
    }
}
