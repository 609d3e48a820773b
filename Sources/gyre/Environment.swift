import Foundation

/// The environment of this process.
enum Environment {
    /// Every variable by its name.
    static var current: [String: String] { ProcessInfo.processInfo.environment }
}
