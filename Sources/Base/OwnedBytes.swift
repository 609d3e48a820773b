/// Bytes with memory of their own: what must outlive the step that brought it, off the request
/// path.
public struct OwnedBytes: Hashable, Sendable {
    private let content: [UInt8]

    /// A copy of the viewed bytes.
    public init(_ bytes: Bytes) {
        content = unsafe [UInt8](bytes.buffer)
    }

    /// These bytes.
    public init(_ bytes: [UInt8]) {
        content = bytes
    }

    /// The text's bytes in UTF-8.
    public init(_ text: String) {
        content = [UInt8](text.utf8)
    }

    public var count: Int { content.count }

    /// The bytes read as UTF-8.
    public var string: String { String(decoding: content, as: UTF8.self) }

    /// Calls `body` with a view that lives as long as the call.
    public func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        unsafe content.withUnsafeBytes { unsafe body(Bytes($0)) }
    }
}
