import Base
import TestSupport
import Testing

@testable import Log

/// What is encoded is decoded, for every kind and around every border of the padding.
struct RecordTests {
    /// Scans a file that holds the buffer's records.
    private func scan(_ buffer: inout LogBuffer, _ body: (Record) -> Void) throws {
        let salt: UInt64 = 77
        let identity = identity()
        buffer.writeMark(synced: LogPosition(rawValue: 0))
        buffer.writeChecksums(from: 0, salt: salt, at: UInt64(FileHeader.size))
        let file = header(segment: 1, salt: salt, identity) + array(buffer.content)
        try withBytes(file) { bytes throws(FaultReason) in
            let header = try FileHeader(bytes, .segment, identity, number: 1)
            var scanner = RecordScanner(header)
            while true {
                switch scanner.next(in: bytes, from: 0, fileSize: UInt64(bytes.count)) {
                case .record(let record): body(record)
                case .blank: return
                case .bad(let reason): throw reason
                case .more: throw .length
                }
            }
        }
    }

    private func bytes(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func append(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, key: [UInt8], operand: [UInt8],
        deadline: Int64?, _ buffer: inout LogBuffer
    ) {
        withBytes(key) { key in
            withBytes(operand) { operand in
                buffer.appendEffect(kind, slot, stamp, key, operand, deadline: deadline)
            }
        }
    }

    @Test func stringsOfEveryLengthComeBack() throws {
        var random = SplitMix64(seed: 1)
        var buffer = LogBuffer()
        var expected: [(key: [UInt8], value: [UInt8], deadline: Int64?)] = []
        for keyLength in [0, 1, 3, 8, 17] {
            for valueLength in 0..<40 {
                let deadline: Int64? = Bool.random(using: &random) ? 1_234_567 : nil
                let entry = (bytes(keyLength, &random), bytes(valueLength, &random), deadline)
                expected.append(entry)
                append(
                    .putString, UInt16(valueLength), UInt64(expected.count), key: entry.0,
                    operand: entry.1, deadline: deadline, &buffer)
            }
        }
        var index = 0
        try scan(&buffer) { record in
            guard let effect = record.effect else { return }
            let entry = expected[index]
            index += 1
            guard case .putString(let value) = effect else {
                Issue.record("not a string")
                return
            }
            #expect(array(record.key) == entry.key)
            #expect(array(value) == entry.value)
            #expect(record.deadline == entry.deadline)
            #expect(record.stamp == UInt64(index))
            #expect(record.slot == UInt16(entry.value.count))
            #expect(!record.hasMore)
        }
        #expect(index == expected.count)
    }

    @Test func everyEffectComesBack() throws {
        var buffer = LogBuffer()
        let key = Array("key".utf8)
        let row: [UInt8] = [1, 97, 200]
        withBytes(key) { key in
            withBytes(row) { row in
                for kind in RecordKind.allCases where kind.isEffect {
                    switch kind {
                    case .flushSlot: buffer.flushSlot(9, 1)
                    case .putInteger: buffer.putInteger(9, 1, key, -5, deadline: 8)
                    case .remove: buffer.appendEffect(kind, 9, 1, key)
                    case .setDeadline: buffer.appendEffect(kind, 9, 1, key, deadline: 8)
                    case .splice, .listSet, .listInsert, .listRemoveEqual:
                        buffer.appendEffect(kind, 9, 1, key, number: 3, row)
                    case .listRemove:
                        buffer.appendEffect(kind, 9, 1, key, numbers: 3, 4)
                    default: buffer.appendEffect(kind, 9, 1, key, row)
                    }
                }
            }
        }
        var seen: Set<UInt8> = []
        try scan(&buffer) { record in
            guard let effect = record.effect else { return }
            seen.insert(record.kind.rawValue)
            check(effect, record, row)
        }
        #expect(seen.count == RecordKind.allCases.count { $0.isEffect })
    }

    private func check(_ effect: Effect, _ record: Record, _ row: [UInt8]) {
        if record.kind != .flushSlot { #expect(record.key.string == "key") }
        switch effect {
        case .remove, .flushSlot: #expect(record.operand.isEmpty)
        case .setDeadline: #expect(record.deadline == 8)
        case .putInteger(let value):
            #expect(value == -5)
            #expect(record.deadline == 8)
        case .splice(let number, let rest), .listSet(let number, let rest),
            .listInsert(let number, let rest):
            #expect(number == 3)
            #expect(array(rest) == row)
        case .listRemoveEqual(let number, let rest):
            #expect(number == 3)
            #expect(array(rest) == row)
        case .listRemove(let first, let second):
            #expect(first == 3)
            #expect(second == 4)
        case .putString(let rest), .putList(let rest), .putHash(let rest), .putSet(let rest),
            .putSortedSet(let rest), .hashSet(let rest), .hashRemove(let rest),
            .setAdd(let rest), .setRemove(let rest), .sortedSetAdd(let rest),
            .sortedSetRemove(let rest), .listPushLeft(let rest), .listPushRight(let rest):
            #expect(array(rest) == row)
        }
    }

    @Test func operandsInPartsAreAsInOne() throws {
        for size in 0..<20 {
            var inOne = LogBuffer()
            var inParts = LogBuffer()
            let operand = [UInt8](repeating: 7, count: size)
            append(
                .putHash, 3, 4, key: [1, 2, 3], operand: operand, deadline: 5, &inOne)
            withBytes([1, 2, 3]) { key in
                inParts.openEffect(.putHash, 3, 4, key, deadline: 5)
                for _ in 0..<size {
                    withBytes([7]) { inParts.appendOperand($0) }
                }
                inParts.closeEffect()
            }
            var contents: [Content] = []
            try scan(&inOne) { if $0.kind.isEffect { contents.append(Content($0)) } }
            try scan(&inParts) { if $0.kind.isEffect { contents.append(Content($0)) } }
            #expect(contents.count == 2)
            #expect(contents[0] == contents[1])
        }
    }

    /// Long operands are compressed where that helps, and come back through an inflater.
    @Test func compressedOperandsComeBack() throws {
        var random = SplitMix64(seed: 5)
        for size in [0, 99, 100, 101, 1_000, 70_000] {
            for isDense in [true, false] {
                let operand = isDense ? bytes(size, &random) : [UInt8](repeating: 7, count: size)
                var buffer = LogBuffer()
                buffer.compressedOver = 100
                append(.putString, 3, 4, key: [1], operand: operand, deadline: 5, &buffer)
                withBytes([9]) { key in
                    buffer.openEffect(.hashSet, 3, 5, key)
                    withBytes(operand) { buffer.appendOperand($0) }
                    buffer.closeEffect()
                }
                append(.putString, 3, 6, key: [1], operand: [2], deadline: nil, &buffer)
                var stamps: [UInt64] = []
                var inflater = Inflater()
                try scan(&buffer) { record in
                    guard record.kind.isEffect else { return }
                    stamps.append(record.stamp)
                    let isLong = record.stamp != 6 && size > 100
                    #expect(record.isCompressed == (isLong && !isDense))
                    let effect = try? inflater.effect(record)
                    switch effect {
                    case .putString(let value) where record.stamp == 4:
                        #expect(array(value) == operand)
                        #expect(record.deadline == 5)
                    case .hashSet(let elements): #expect(array(elements) == operand)
                    case .putString(let value): #expect(array(value) == [2])
                    default: Issue.record("another effect")
                    }
                }
                #expect(stamps == [4, 5, 6])
            }
        }
    }

    @Test func groupsEndWhereTheyEnd() throws {
        var buffer = LogBuffer()
        buffer.put("a", "1", slot: 1, stamp: 1)
        buffer.beginGroup()
        buffer.endGroup()
        buffer.beginGroup()
        buffer.put("b", "1", slot: 1, stamp: 2)
        buffer.beginGroup()
        buffer.put("c", "1", slot: 1, stamp: 3)
        buffer.endGroup()
        buffer.put("d", "1", slot: 1, stamp: 4)
        buffer.endGroup()
        buffer.put("e", "1", slot: 1, stamp: 5)
        var flags: [Bool] = []
        try scan(&buffer) { if $0.kind.isEffect { flags.append($0.hasMore) } }
        #expect(flags == [false, true, true, false, false])
    }

    /// A window of any size gives the same records.
    @Test func windowsOfAnySizeWillDo() throws {
        let file = FormatPageTests.example()
        try withBytes(file) { bytes in
            let header = try FileHeader(bytes, .segment, identity(), number: 3)
            for step in 1...bytes.count {
                var scanner = RecordScanner(header)
                var size = step
                var count = 0
                scanning: while true {
                    let start = Int(scanner.offset)
                    let end = min(start + size, bytes.count)
                    switch scanner.next(
                        in: bytes.slice(start, end), from: scanner.offset,
                        fileSize: UInt64(bytes.count))
                    {
                    case .record: count += 1
                    case .more(let needed):
                        #expect(needed > size)
                        size = needed
                    case .blank: break scanning
                    case .bad(let reason): throw reason
                    }
                }
                #expect(count == 5)
            }
        }
    }
}
