import Glibc

/// A system call that failed: which one, and the kernel's reason.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, as in the manual's section 2 ("bind", "listen").
    public let call: String
    /// The kernel's `errno`, positive.
    public let code: Int32

    /// The error `code` of a call.
    public init(call: StaticString, code: Int32) {
        self.call = "\(call)"
        self.code = code
    }

    /// The error of a call that has just returned −1 on this thread.
    init(call: StaticString) {
        self.init(call: call, code: errno)
    }

    public var description: String {
        "\(call): \(SystemError.message(code))"
    }

    /// The C library's words for an `errno` value.
    public static func message(_ code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }
}
