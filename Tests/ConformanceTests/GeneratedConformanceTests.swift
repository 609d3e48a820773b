import Foundation
import TestSupport
import Testing

/// Generated sessions, replayed against the reference and the server under test.
///
/// `GYRE_CONFORMANCE_SEEDS` is the number of seeds per combination, `GYRE_CONFORMANCE_SEED` the
/// first.
@Suite struct GeneratedConformanceTests {
    struct Arrangement: Sendable, CustomTestStringConvertible {
        let cores: Int
        let protocolVersion: Int
        let isPipelined: Bool

        var testDescription: String {
            "\(cores) cores, RESP\(protocolVersion), \(isPipelined ? "pipelined" : "one by one")"
        }

        static let all = ServerProgram.subject.coreCounts.flatMap { cores in
            [2, 3].flatMap { version in
                [false, true].map {
                    Arrangement(cores: cores, protocolVersion: version, isPipelined: $0)
                }
            }
        }
    }

    @Test(arguments: Arrangement.all)
    func repliesAreTheSame(_ arrangement: Arrangement) throws {
        let pair = try ServerPair(ServerOptions(cores: arrangement.cores))
        try compare(pair, Profile.allCases, arrangement)
    }

    /// The server under test holds strings compressed.
    @Test(.enabled(if: ServerProgram.subject.hasNodePort), arguments: Arrangement.all)
    func repliesAreTheSameOfCompressedStrings(_ arrangement: Arrangement) throws {
        let pair = try ServerPair(ServerOptions(cores: arrangement.cores))
        let call = Call("CONFIG", "SET", "compress-values-over", "40")
        _ = try pair.subject.connect().call(call)
        let profiles: [Profile] = [
            .strings, .bits, .hyperLogLogs, .keys, .expiry, .sorting, .transactions, .mixed,
        ]
        try compare(pair, profiles, arrangement)
    }

    private func compare(
        _ pair: ServerPair, _ profiles: [Profile], _ arrangement: Arrangement
    ) throws {
        let replayer = Replayer(pair: pair)
        for profile in profiles {
            for seed in Seeds.range {
                let script = CallGenerator.script(
                    profile, seed: seed, protocolVersion: arrangement.protocolVersion,
                    isPipelined: arrangement.isPipelined)
                guard let difference = try replayer.firstDifference(script) else { continue }
                let shrinker = Shrinker(replayer: replayer)
                let (shrunk, last) = try shrinker.shrink(script, showing: difference)
                Issue.record(
                    Comment(rawValue: report(shrunk, last, script, profile, seed, arrangement)))
                break
            }
        }
    }

    private func report(
        _ shrunk: Script, _ difference: Difference, _ script: Script, _ profile: Profile,
        _ seed: UInt64, _ arrangement: Arrangement
    ) -> String {
        """
        Profile \(profile), seed \(seed), \(arrangement.testDescription); shrunk to \
        \(shrunk.steps.count) of \(script.steps.count) steps:
        \(shrunk.steps.map { "  \($0)" }.joined(separator: "\n"))
        \(difference)
        Again: GYRE_CONFORMANCE_SEED=\(seed) GYRE_CONFORMANCE_SEEDS=1 swift test \
        --filter GeneratedConformanceTests
        """
    }
}

/// The seeds of this run.
enum Seeds {
    static let range: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["GYRE_CONFORMANCE_SEED"].flatMap { UInt64($0) } ?? 1
        let count = environment["GYRE_CONFORMANCE_SEEDS"].flatMap { UInt64($0) } ?? 20
        return first..<first + count
    }()
}
