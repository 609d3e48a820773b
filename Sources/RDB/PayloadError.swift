/// Why bytes are no value.
public enum PayloadError: Error, Equatable, Sendable, BitwiseCopyable {
    /// The version is not one that is read here, or the checksum is wrong.
    case versionOrChecksum
    /// What is under the checksum is not in the format.
    case badFormat
    /// A type that this store does not have (streams, modules).
    case unsupportedType(UInt8)
}
