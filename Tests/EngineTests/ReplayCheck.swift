import Base
import Log
import Placement
import Testing

@testable import Engine

/// Plays an engine's log back into another one, and compares what they hold.
enum ReplayCheck {
    /// Fails the test where the log of all that `harness` ever did is not what it holds now, or the
    /// snapshot that was written meanwhile with the log's tail is not.
    static func run(_ harness: inout Harness) {
        check(&harness, "replay", compressedOver: harness.compressedOver) { harness, mirror in
            var none = SlotStamps()
            replay(&harness, into: &mirror, lacking: &none)
        }
        check(&harness, "snapshot", compressedOver: harness.compressedOver) { harness, mirror in
            var stamps = SlotStamps()
            load(&harness, into: &mirror, &stamps)
            replay(&harness, into: &mirror, lacking: &stamps)
        }
    }

    private static func check(
        _ harness: inout Harness, _ name: String, compressedOver: Int,
        _ fill: (inout Harness, inout Harness) -> Void
    ) {
        var mirror = Harness(isLogged: false, compressedOver: compressedOver)
        mirror.engine.limits = harness.engine.limits
        mirror.engine.keyspace.now = harness.engine.keyspace.now
        fill(&harness, &mirror)
        harness.readAtOnce()
        mirror.readAtOnce()
        mirror.engine.keyspace.checkInvariants()
        let expected = describe(&harness)
        let found = describe(&mirror)
        for (key, value) in expected.sorted(by: { $0.key < $1.key }) where found[key] != value {
            Issue.record("\(name): \(key): \(found[key] ?? "is not there"), not \(value)")
        }
        for key in found.keys where expected[key] == nil {
            Issue.record("\(name): \(key) is there: \(found[key] ?? "")")
        }
        for slot in 0..<SlotIndex.count {
            let wanted = harness.engine.keyspace.stamp(ofSlot: UInt16(slot))
            let stamp = mirror.engine.keyspace.stamp(ofSlot: UInt16(slot))
            if stamp != wanted {
                Issue.record("\(name): slot \(slot) has \(stamp.rawValue), not \(wanted.rawValue)")
            }
        }
    }

    private static let identity = FileIdentity(
        node: NodeBits(high: 1, middle: 2, low: 3), layout: 1, core: 0, cores: 1)

    /// Plays the log back, but for what a snapshot has.
    private static func replay(
        _ harness: inout Harness, into mirror: inout Harness, lacking stamps: inout SlotStamps
    ) {
        let header = FileHeader(.snapshot, identity, number: 1, salt: 7)
        var file = OutputBuffer()
        header.append(to: &file)
        harness.engine.keyspace.log.withRecords { buffer in
            buffer.forEachRecord(from: 0) { record in file.append(record.bytes) }
        }
        var scanner = RecordScanner(header, verifies: false)
        var last = [UInt64](repeating: 0, count: SlotIndex.count)
        var inflater = Inflater()
        while case .record(let record) = scanner.next(
            in: file.bytes, from: 0, fileSize: UInt64(file.count))
        {
            guard record.kind.isEffect, let effect = try? inflater.effect(record) else { continue }
            if record.stamp < last[Int(record.slot)] {
                Issue.record("replay: a stamp of slot \(record.slot) falls at \(effect)")
            }
            last[Int(record.slot)] = record.stamp
            if !stamps.lack(record) { continue }
            if !mirror.engine.apply(record, effect) {
                Issue.record("replay: \(effect) of \(record.key) cannot be applied")
            }
        }
    }

    /// Loads the snapshot, whose rest is written now.
    private static func load(
        _ harness: inout Harness, into mirror: inout Harness, _ stamps: inout SlotStamps
    ) {
        let file = harness.snapshot.finish(&harness.engine, identity)
        file.withBytes { bytes in
            do throws(LogFault) {
                let size = UInt64(bytes.count)
                var reader = try SnapshotReader(
                    front: bytes, fileSize: size, Manifest.Snapshot(number: 1, size: size),
                    identity)
                var inflater = Inflater()
                while true {
                    switch try reader.next(in: bytes, from: 0) {
                    case .effect(let record):
                        let effect = try? inflater.effect(record)
                        if let effect, mirror.engine.apply(record, effect) { continue }
                        Issue.record("snapshot: \(record.kind) of \(record.key) is not applied")
                    case .slotEnd(let slot, let stamp):
                        stamps.set(slot, stamp)
                        mirror.engine.endSlot(slot, stamp)
                    case .more: Issue.record("snapshot: a record is cut off")
                    case .end: return
                    }
                }
            } catch {
                Issue.record("snapshot: \(error)")
            }
        }
    }

    /// By key: value, deadline and stamp.
    private static func describe(_ harness: inout Harness) -> [String: String] {
        var keys: [[UInt8]] = []
        harness.engine.keyspace.forEachEntry { entry in
            keys.append(unsafe Array(entry.key.buffer))
        }
        var found: [String: String] = [:]
        for key in keys {
            let reference = withKey(key, &harness) { keyspace, key in
                keyspace.find(key).map { ($0.entry.type, $0.entry.stamp.rawValue) }
            }
            guard let (type, stamp) = reference else { continue }
            let value: String
            switch type {
            case .string: value = harness.raw("GET", key)
            case .list: value = harness.raw("LRANGE", key, "0", "-1")
            case .hash: value = sortedPairs(harness.raw("HGETALL", key), step: 4)
            case .set: value = sortedPairs(harness.raw("SMEMBERS", key), step: 2)
            case .sortedSet: value = harness.raw("ZRANGE", key, "0", "-1", "WITHSCORES")
            }
            let deadline = harness.raw("PEXPIRETIME", key)
            let name = String(decoding: key, as: UTF8.self)
            found[name] = "\(type) \(value) until \(deadline) stamp \(stamp)"
        }
        return found
    }

    /// A reply's lines, in an order that does not depend on the tables.
    private static func sortedPairs(_ reply: String, step: Int) -> String {
        let lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst()
            .dropLast()
        var groups: [String] = []
        var rest = lines[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(step).joined(separator: " "))
            rest = rest.dropFirst(step)
        }
        return groups.sorted().joined(separator: ";")
    }
}

extension Harness {
    fileprivate mutating func raw(_ first: String, _ key: [UInt8], _ rest: String...) -> String {
        raw([Array(first.utf8), key] + rest.map { Array($0.utf8) })
    }
}
