import Base
import TestSupport
import Testing

@testable import Log

/// Whatever bytes a decoder is given, it answers.
struct DecoderFuzzTests {
    private func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !bytes.isEmpty:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            case 2:
                let place = Int.random(in: 0...bytes.count, using: &random)
                bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            default:
                let place = Int.random(in: 0...bytes.count, using: &random)
                bytes.removeSubrange(place..<min(place + 8, bytes.count))
            }
        }
        return bytes
    }

    /// Descriptors: changed bytes are refused, and so are changed bytes under a right checksum,
    /// unless they say the same in the one spelling there is.
    @Test func descriptors() throws {
        let data = DataIdentity(node: node, layout: 3, cores: 2, starts: 7)
        let manifest = Manifest(
            identity(), firstSegment: 12, synced: LogPosition(segment: 13, offset: 4096),
            snapshot: .init(number: 3, size: 1 << 20), seen: [0: 5, 4: 9])
        let dataBytes = written { data.write(to: &$0) }
        let manifestBytes = written { manifest.write(to: &$0) }
        var random = SplitMix64(seed: 11)
        for round in 0..<20_000 {
            let isSealed = round % 2 == 0
            check(dataBytes, isSealed, &random) { bytes throws(LogFault) in
                let read = try DataIdentity(bytes)
                return written { read.write(to: &$0) }
            }
            check(manifestBytes, isSealed, &random) { bytes throws(LogFault) in
                let read = try Manifest(bytes, identity())
                return written { read.write(to: &$0) }
            }
        }
    }

    private func check(
        _ original: [UInt8], _ isSealed: Bool, _ random: inout SplitMix64,
        _ rewrite: (Bytes) throws(LogFault) -> [UInt8]
    ) {
        var bytes = original
        if isSealed {
            // Changed under a checksum that is right again.
            let line = "checksum 0123456789abcdef\n".utf8.count
            bytes = mutate(Array(original.dropLast(line)), &random)
            bytes = written { output in
                withBytes(bytes) { output.append($0) }
                output.appendChecksumLine()
            }
        } else {
            bytes = mutate(bytes, &random)
        }
        do {
            let again = try withBytes(bytes, rewrite)
            #expect(again == bytes, "\(String(decoding: bytes, as: UTF8.self))")
            if !isSealed { #expect(bytes == original) }
        } catch {
            #expect(error.offset > 0)
        }
    }

    @Test func headers() {
        let file = header(segment: 3, salt: 5, identity())
        var random = SplitMix64(seed: 12)
        for _ in 0..<20_000 {
            let changed = mutate(file, &random)
            let isRead = withBytes(changed) {
                (try? FileHeader($0, .segment, identity(), number: 3)) != nil
            }
            #expect(isRead == (changed.prefix(64) == file.prefix(64)))
        }
    }

    /// Logs: what comes out of a changed one is a prefix of what went in.
    @Test func logs() throws {
        var machine = LogMachine(identity(), segmentSizeMax: 500)
        var random = SplitMix64(seed: 13)
        for number in 0..<12 {
            machine.buffer.put(
                "key", String(repeating: "v", count: number), slot: 1, stamp: UInt64(number + 1))
            if number % 2 == 0 { machine.turn() }
            if number % 5 == 0 { machine.sync() }
        }
        let files = machine.allFiles()
        let history = machine.history.map(\.content)
        for _ in 0..<20_000 {
            var changed = files
            let number = UInt32.random(in: 1...UInt32(files.count), using: &random)
            changed[number] = mutate(files[number]!, &random)
            guard let recovered = try? recover(changed, manifest(identity())) else { continue }
            #expect(recovered.effects == Array(history.prefix(recovered.effects.count)))
        }
    }

    /// Records of any form under a right checksum: taken apart or refused, never a crash.
    @Test func formsOfRecords() throws {
        var random = SplitMix64(seed: 14)
        let example = FormatPageTests.example()
        let salt: UInt64 = 0x0123_4567_89ab_cdef
        var taken = 0
        for _ in 0..<50_000 {
            var file = example
            let start = FileHeader.size + RecordLayout.headerSize
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = start + 8 + Int.random(in: 0..<48, using: &random)
                file[place] = UInt8.random(in: 0...255, using: &random)
            }
            let length = withBytes(file) { Int($0.integer(at: start + 8, UInt32.self)) }
            let end = start + RecordLayout.span(length)
            if length < RecordLayout.headerSize || end > file.count { continue }
            let hash = withBytes(Array(file[start + 8..<end])) { Checksum.of($0) }
            let sum = hash &+ salt &+ UInt64(start)
            for index in 0..<8 {
                file[start + index] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * index))
            }
            withBytes(file) { bytes in
                guard
                    let header = try? FileHeader(bytes, .segment, identity(), number: 3)
                else { return }
                var scanner = RecordScanner(header)
                var inflater = Inflater()
                while case .record(let record) = scanner.next(
                    in: bytes, from: 0, fileSize: UInt64(bytes.count))
                {
                    taken += 1
                    _ = try? inflater.effect(record)
                    _ = record.key.count + record.operand.count
                    if record.kind == .transaction {
                        let note = TransactionNote(record)
                        for index in 0..<note.participantCount { _ = note.participant(index) }
                    }
                }
            }
        }
        #expect(taken > 50_000)
    }

    /// Blocks of LZ4 and the lengths before them, changed: decompressed to that length or refused.
    @Test func compressedBlocks() throws {
        var buffer = LogBuffer()
        buffer.compressedOver = 100
        buffer.put("key", String(repeating: "abcdefgh", count: 60), slot: 1, stamp: 1)
        let sound = Array(array(buffer.content).dropFirst(RecordLayout.headerSize))
        var random = SplitMix64(seed: 15)
        var inflater = Inflater()
        var (read, refused) = (0, 0)
        for _ in 0..<50_000 {
            var record = sound
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 39..<record.count, using: &random)
                record[place] = UInt8.random(in: 0...255, using: &random)
            }
            withBytes(record) { bytes in
                guard Record.check(bytes) == nil else { return }
                let checked = Record(checked: bytes)
                let count = checked.operand.integer(at: 0, UInt32.self)
                guard case .putString(let value) = try? inflater.effect(checked) else {
                    refused += 1
                    return
                }
                read += 1
                #expect(value.count == Int(count))
            }
        }
        #expect(read > 100)
        #expect(refused > 100)
    }
}
