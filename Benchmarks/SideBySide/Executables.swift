import Foundation

/// The programs that a comparison starts.
enum Executables {
    /// A program of this package: it lies beside this one.
    static func path(of name: String) -> String {
        let link = "/proc/self/exe"
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        return ((own ?? "") as NSString).deletingLastPathComponent + "/" + name
    }
}
