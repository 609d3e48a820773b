import Foundation

/// The programs that a comparison starts.
enum Executables {
    /// A program of this package: it lies beside this one.
    static func path(of name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (own as NSString).deletingLastPathComponent + "/" + name
    }
}
