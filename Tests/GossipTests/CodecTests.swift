import Base
import TestSupport
import Testing

@testable import Gossip

/// The format of datagrams: the page's example, round trips, and whatever else may arrive.
@Suite struct CodecTests {
    static let sender = NodeID("00112233445566778899aabbccddeeff01234567") ?? .zero
    static let other = NodeID("ffeeddccbbaa99887766554433221100deadbeef") ?? .zero

    private func node(_ id: NodeID = sender, number: Int = 1) -> GossipNode {
        GossipNode(
            id: id, generation: 3,
            metadata: MemberMetadata(
                address: Simulation.address(number),
                ports: MemberPorts(gateway: 6_379, http: 8_080),
                coreCount: 4, roles: [.mayVote, .holdsData], zone: ZoneName("hall 1") ?? .unnamed),
            seed: 1)
    }

    private func fault(_ bytes: [UInt8]) -> MessageFault? {
        withBytes(bytes) { bytes in
            do throws(MessageFault) {
                _ = try Message(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    /// The datagram that docs/internals/gossip.md shows.
    static func example() -> [UInt8] {
        var outbox = GossipOutbox()
        let header = Header(
            kind: .ping, flags: .admitted, sequence: 7, sender: sender,
            life: Life(generation: 3, salt: 0x0102_0304), incarnation: Incarnation(1),
            address: MemberAddress(Host(version4: 0x0A00_0001), port: 16_379),
            ringEpoch: RingEpoch(42))
        header.append(to: &outbox.bytes)
        outbox.bytes.append(other)
        Entry(
            other, Standing(Life(generation: 2, salt: 9), Incarnation(5), .suspect),
            .suspect(accuser: sender)
        ).append(to: &outbox.bytes)
        outbox.bytes.overwrite(1, at: DatagramLayout.entryCountOffset)
        return unsafe [UInt8](outbox.bytes.bytes.buffer)
    }

    /// One datagram of every kind and one entry of every status, as nodes write them.
    static func samples() -> [[UInt8]] {
        let simulation = Simulation(seed: 3)
        var samples: [UInt8: [UInt8]] = [:]
        simulation.witness = { _, _, bytes in
            if bytes.count > samples[bytes[1]]?.count ?? 0 { samples[bytes[1]] = bytes }
        }
        simulation.found(5)
        let double = simulation.add(id: simulation.members[3].id)
        simulation.join(double)
        simulation.run(for: 1_000)
        simulation.kill(simulation.members[4])
        simulation.run(for: 300)
        simulation.call(simulation.members[2]) {
            $0.node.leave(now: simulation.now, into: &$0.outbox)
        }
        simulation.run(for: 15_000)
        return samples.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test func nodesSendEveryKind() {
        let kinds = Self.samples().map { $0[1] }
        #expect(kinds == MessageKind.allCases.map(\.rawValue))
    }

    @Test func everythingThatIsWrittenIsReadBack() throws {
        let metadata = node().metadata
        let life = Life(generation: 5, salt: 6)
        let details: [(MemberStatus, Entry.Detail)] = [
            (.alive, .alive(metadata, RingEpoch(8))), (.suspect, .suspect(accuser: Self.sender)),
            (.dead, .gone(ageSeconds: 70_000)), (.left, .gone(ageSeconds: 0)),
        ]
        for (status, detail) in details {
            let entry = Entry(Self.other, Standing(life, Incarnation(2), status), detail)
            let bytes = node().rumor(entry)
            #expect(fault(bytes) == nil)
            try withBytes(bytes) { bytes throws(MessageFault) in
                let message = try Message(bytes)
                #expect(message.header.sender == Self.sender)
                #expect(message.header.address == Simulation.address(1))
                var entries = message.entries()
                let read = entries.next()
                #expect(read?.id == Self.other)
                #expect(read?.standing == entry.standing)
                switch (read?.detail, detail) {
                case (.alive(let read, let epoch), .alive(let written, let writtenEpoch)):
                    #expect(read == written)
                    #expect(epoch == writtenEpoch)
                case (.suspect(let read), .suspect(let written)): #expect(read == written)
                case (.gone(let read), .gone(let written)): #expect(read == written)
                default: Issue.record("an entry keeps its status")
                }
                #expect(entries.next() == nil)
            }
        }
    }

    @Test func everyCutIsRefused() {
        for sample in Self.samples() {
            for length in 0..<sample.count {
                #expect(fault(Array(sample.prefix(length))) == .tooShort)
            }
            #expect(fault(sample + [0]) == .trailingBytes)
        }
        #expect(fault([UInt8](repeating: 1, count: DatagramLayout.sizeMax + 1)) == .tooLong)
    }

    /// One rule broken at a time, at its offset in the example.
    @Test func everyRuleIsChecked() {
        func changed(_ offset: Int, _ bytes: [UInt8]) -> MessageFault? {
            var example = Self.example()
            example.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            return fault(example)
        }
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        #expect(fault(Self.example()) == nil)
        #expect(changed(0, [2]) == .unknownVersion)
        #expect(changed(1, [0]) == .unknownKind)
        #expect(changed(1, [10]) == .unknownKind)
        #expect(changed(2, [3]) == .unknownFlag)
        #expect(changed(2, [4]) == .unknownFlag)
        #expect(changed(3, [2]) == .tooShort)
        #expect(changed(3, [0]) == .trailingBytes)
        #expect(changed(8, zeros(20)) == .noID)
        #expect(changed(36, [1, 0, 0, 0x80]) == .numberTooLarge)
        #expect(changed(40, zeros(16)) == .noAddress)
        #expect(changed(56, zeros(2)) == .noAddress)
        #expect(changed(58, [1, 0, 0, 0, 0, 0, 1, 0]) == .numberTooLarge)
        #expect(changed(66, zeros(20)) == nil)
        #expect(changed(86, [4]) == .unknownStatus)
        #expect(changed(87, zeros(20)) == .noID)
        #expect(changed(119, zeros(20)) == .noID)
    }

    @Test func zonesAreBoundedText() {
        #expect(ZoneName(String(repeating: "z", count: 33)) == nil)
        #expect(ZoneName(String(repeating: "z", count: 32))?.name.count == 32)
        #expect(ZoneName("Straße 7")?.name == "Straße 7")
        var bytes = node().rumor(node().ownEntry)
        let zone = bytes.count - 8 - 6
        bytes[zone] = 0xFF
        #expect(fault(bytes) == .badZone)
        bytes[zone - 1] = 33
        #expect(fault(bytes) == .badZone)
    }

    @Test func anUnknownRoleIsKept() {
        let roles = MemberRoles(rawValue: 0x81)
        var metadata = node().metadata
        metadata.roles = roles
        let life = Life(generation: 1, salt: 1)
        let entry = Entry(
            Self.other, Standing(life, .first, .alive), .alive(metadata, RingEpoch(0)))
        var receiver = node(number: 2)
        var outbox = GossipOutbox()
        let fault = withBytes(node(Self.other).rumor(entry)) {
            receiver.step($0, now: 0, into: &outbox)
        }
        #expect(fault == nil)
        let known = receiver.find(Self.other)?.metadata.roles
        #expect(known == roles)
    }

    // MARK: Fuzz

    /// Whatever the bytes are, a node answers or refuses, and keeps its invariants.
    @Test func changedDatagramsBreakNothing() {
        var random = SplitMix64(seed: 21)
        let samples = Self.samples()
        let simulation = Simulation(seed: 3)
        simulation.found(5)
        let member = simulation.members[0]
        var (taken, refused) = (0, 0)
        for round in 0..<20_000 {
            var bytes = samples[Int(random.next() % UInt64(samples.count))]
            for _ in 0...Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 8 {
                case 0: bytes.removeSubrange(place...)
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                case 2, 3: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
                default: bytes[place] ^= 1 << UInt8(random.next() % 8)
                }
                if bytes.isEmpty { bytes = [1] }
            }
            let fault = withBytes(bytes) {
                member.node.step($0, now: simulation.now + Int64(round), into: &member.outbox)
            }
            if fault == nil { taken += 1 } else { refused += 1 }
            if round % 10 == 0 { member.node.checkInvariants() }
            for index in 0..<member.outbox.effects.count {
                guard case .send(_, let range) = member.outbox.effects[index] else { continue }
                let isRead = (try? Message(member.outbox.datagram(range))) != nil
                #expect(isRead, "what a node sends is of the format")
            }
            member.outbox.removeAll()
            if !member.node.isRunning { simulation.restart(member) }
        }
        print("gossip: of 20,000 changed datagrams \(taken) were taken, \(refused) refused")
        #expect(taken > 1_000)
        #expect(refused > 1_000)
    }
}
