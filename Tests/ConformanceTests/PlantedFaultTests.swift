import TestSupport
import Testing

/// Proof that the generated sessions can fail: the server under test is given a slightly different
/// call, as if its implementation had that fault, and a session must show it.
@Suite struct PlantedFaultTests {
    /// A fault: what the server would understand instead of the call.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let profile: Profile
        let plant: Plant

        var testDescription: String { name }

        /// The server overlooks an option of a command.
        static func ignores(_ option: String, of command: String, _ profile: Profile) -> Fault {
            Fault(name: "\(command) ignores \(option)", profile: profile) { call in
                guard call.name == command else { return nil }
                let kept = call.arguments.enumerated().filter { index, argument in
                    index == 0 || String(decoding: argument, as: UTF8.self).uppercased() != option
                }
                return Call(kept.map(\.element))
            }
        }

        /// The server takes one command for another.
        static func takes(_ command: String, for other: String, _ profile: Profile) -> Fault {
            Fault(name: "\(command) acts as \(other)", profile: profile) { call in
                guard call.name == command else { return nil }
                return Call([word(other)] + call.arguments.dropFirst())
            }
        }

        /// The server understands another argument than was sent.
        static func misreads(
            argument index: Int, of command: String, _ profile: Profile,
            as change: @escaping @Sendable ([UInt8]) -> [UInt8]
        ) -> Fault {
            Fault(name: "\(command) misreads argument \(index)", profile: profile) { call in
                guard call.name == command, call.arguments.count > index else { return nil }
                var changed = call
                changed.arguments[index] = change(call.arguments[index])
                return changed
            }
        }

        static let all: [Fault] = [
            .ignores("NX", of: "SET", .strings),
            .ignores("XX", of: "SET", .strings),
            .ignores("GET", of: "SET", .strings),
            .ignores("KEEPTTL", of: "SET", .strings),
            .ignores("PERSIST", of: "GETEX", .strings),
            .ignores("IDX", of: "LCS", .strings),
            .ignores("WITHMATCHLEN", of: "LCS", .strings),
            .ignores("BIT", of: "BITCOUNT", .bits),
            .ignores("BIT", of: "BITPOS", .bits),
            .ignores("SAT", of: "BITFIELD", .bits),
            .ignores("REPLACE", of: "COPY", .keys),
            .ignores("LIMIT", of: "SINTERCARD", .sets),
            .takes("SREM", for: "SADD", .sets),
            .takes("SUNION", for: "SINTER", .sets),
            .takes("SDIFFSTORE", for: "SUNIONSTORE", .sets),
            .takes("SUNIONSTORE", for: "SDIFFSTORE", .sets),
            .takes("SMEMBERS", for: "SRANDMEMBER", .sets),
            .ignores("NX", of: "EXPIRE", .expiry),
            .ignores("XX", of: "PEXPIRE", .expiry),
            .ignores("GT", of: "EXPIREAT", .expiry),
            .ignores("LT", of: "PEXPIREAT", .expiry),
            .takes("SETNX", for: "SET", .strings),
            .takes("GETDEL", for: "GET", .strings),
            .takes("DECR", for: "INCR", .strings),
            .takes("GETBIT", for: "BITPOS", .bits),
            .takes("BITFIELD", for: "BITFIELD_RO", .bits),
            .takes("PFADD", for: "PFMERGE", .hyperLogLogs),
            .takes("PFCOUNT", for: "STRLEN", .hyperLogLogs),
            .takes("RENAMENX", for: "RENAME", .keys),
            .takes("TOUCH", for: "DEL", .keys),
            .takes("PEXPIREAT", for: "EXPIREAT", .expiry),
            .takes("PERSIST", for: "TTL", .expiry),
            .takes("WATCH", for: "EXISTS", .transactions),
            .takes("DISCARD", for: "EXEC", .transactions),
            .takes("UNWATCH", for: "PING", .transactions),
            .misreads(argument: 2, of: "GETRANGE", .strings) { $0 == word("-1") ? word("-2") : $0 },
            .misreads(argument: 2, of: "INCRBY", .strings) { $0.filter { $0 != 0x20 } },
            .misreads(argument: 2, of: "SETRANGE", .strings) { $0 == word("43") ? word("44") : $0 },
            .misreads(argument: 2, of: "INCRBYFLOAT",
            .strings) { $0 == word("-0") ? word("1") : $0 },
            .misreads(argument: 1, of: "BITOP", .bits) { $0 == word("XOR") ? word("OR") : $0 },
            .misreads(argument: 2, of: "SETBIT", .bits) { $0 == word("70000") ? word("7") : $0 },
            .misreads(argument: 2, of: "PFADD", .hyperLogLogs) { $0 + [0] },
            .misreads(argument: 1, of: "GET", .strings) { $0.filter { $0 != 0 } },
            .misreads(argument: 1, of: "KEYS", .keys) { $0 == word("*") ? word("?") : $0 },
            .misreads(argument: 1, of: "CLIENT", .connection) {
                $0 == word("SETNAME") ? word("GETNAME") : $0
            },
        ]
    }

    private static let scriptsMax: UInt64 = 400

    @Test func everyPlantedFaultIsFound() throws {
        let pair = ServerPair(
            reference: try ServerProcess(.reference), subject: try ServerProcess(.reference))
        for fault in Fault.all {
            let found = try (1...Self.scriptsMax).contains { seed in
                let script = CallGenerator.script(
                    fault.profile, seed: seed, protocolVersion: 2,
                    isPipelined: seed.isMultiple(of: 2))
                let replayer = Replayer(pair: pair, plant: fault.plant)
                return try replayer.firstDifference(script) != nil
            }
            #expect(found, "not found in \(Self.scriptsMax) scripts: \(fault.name)")
        }
    }

    @Test func aDifferenceIsShrunkToItsCause() throws {
        let pair = ServerPair(
            reference: try ServerProcess(.reference), subject: try ServerProcess(.reference))
        let fault = Fault.ignores("KEEPTTL", of: "SET", .strings)
        let replayer = Replayer(pair: pair, plant: fault.plant)
        let filler = (0..<40).map { Step.call(0, Call("SET", "other:\($0)", "x")) }
        let cause = [
            Step.call(0, Call("SET", "k", "v", "EX", "5000")),
            Step.call(0, Call("SET", "k", "w", "KEEPTTL")),
        ]
        let script = Script(
            steps: filler[..<13] + [cause[0]] + filler[13..<30] + [cause[1]] + filler[30...],
            protocolVersion: 3)
        let difference = try #require(try replayer.firstDifference(script))
        let shrinker = Shrinker(replayer: replayer)
        let (shrunk, last) = try shrinker.shrink(script, showing: difference)
        #expect(shrunk.steps.map(\.description) == cause.map(\.description))
        #expect(last.step == "PEXPIRETIME k")
    }

    /// A server that has the same commands with other limits and settings.
    @Test(arguments: [
        ["--rename-command", "GETDEL", ""],
        ["--rename-command", "APPEND", "SETNX2", "--rename-command", "SETNX", "APPEND"],
        ["--maxmemory-policy", "allkeys-lfu"],
        ["--databases", "4"],
        ["--requirepass", "secret"],
    ])
    func anotherConfigurationIsFound(_ settings: [String]) throws {
        let pair = ServerPair(
            reference: try ServerProcess(.reference),
            subject: try ServerProcess(.reference, ServerOptions(extra: settings)))
        let replayer = Replayer(pair: pair)
        let found = try (1...60 as ClosedRange<UInt64>).contains { seed in
            try [.strings, .keys, .connection].contains { (profile: Profile) in
                let script = CallGenerator.script(
                    profile, seed: seed, protocolVersion: 2, isPipelined: false)
                return try replayer.firstDifference(script) != nil
            }
        }
        #expect(found)
    }
}
