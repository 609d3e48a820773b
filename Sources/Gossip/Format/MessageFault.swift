/// Why a datagram is refused, as a whole and without effect. A peer's fault, or the network's.
public enum MessageFault: Error, Equatable, Sendable {
    /// It ends before what its fields promise.
    case tooShort
    /// It has more than ``DatagramLayout/sizeMax`` bytes.
    case tooLong
    /// Bytes follow behind the last entry.
    case trailingBytes
    /// It is of another version of the format.
    case unknownVersion
    /// Its kind is none of the format.
    case unknownKind
    /// A flag is set that the format does not have, or not for that kind.
    case unknownFlag
    /// An id is zero where it must not be.
    case noID
    /// A host or port is zero where it must not be.
    case noAddress
    /// An incarnation or a ring epoch is larger than any that comes about.
    case numberTooLarge
    /// A status is none of the format.
    case unknownStatus
    /// A zone's name is too long or no UTF-8.
    case badZone
}
