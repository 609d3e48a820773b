import Foundation
import TestSupport
import Testing

private let hasSpin = (try? Tool.run(["spin", "-V"]).status) == 0

/// docs/internals/mailbox.pml, checked by spin: every interleaving of two cores and of their store
/// buffers.
@Suite(.enabled(if: hasSpin, "spin is not installed: apt-get install spin"))
struct MailboxModelTests {
    @Test func noMailIsLeftToASleeper() throws {
        let report = try check([])
        #expect(report.contains("errors: 0"), "\(report)")
        #expect(!report.contains("not completed"), "\(report)")
    }

    @Test(arguments: ["NO_SENDER_FENCE", "NO_SLEEPER_FENCE", "NO_RECHECK"])
    func withoutAnyPartOfTheProtocolMailIsLost(part: String) throws {
        let report = try check(["-D\(part)"])
        #expect(report.contains("errors: 1"), "\(report)")
        #expect(report.contains("assertion violated (taken["), "\(report)")
    }

    /// What the verifier says of the model with these definitions.
    private func check(_ definitions: [String]) throws -> String {
        let directory = try TemporaryDirectory()
        let model = ServerProgram.packageRoot + "/docs/internals/mailbox.pml"
        let script = """
            cd '\(directory.url.path)' && spin \(definitions.joined(separator: " ")) -a '\(model)' \
            && clang -O2 -w -o pan pan.c && ./pan -m100000
            """
        let result = try Tool.run(["sh", "-c", script])
        try #require(result.status == 0, "\(result.errors)\(result.output)")
        return result.output
    }
}
