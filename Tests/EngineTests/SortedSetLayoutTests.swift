import Base
import Foundation
import Testing

@testable import Engine

/// `docs/internals/sorted-set.md` and the code say the same.
struct SortedSetLayoutTests {
    /// Rows of the page's tables: the cells of each, keyed by the cell at `column`.
    private func rows(by column: Int) throws -> [String: [String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/internals/sorted-set.md").standardized
        var rows: [String: [String]] = [:]
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        where line.hasPrefix("|") {
            let cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count > column { rows[cells[column]] = cells }
        }
        return rows
    }

    private func offset(of field: String) throws -> Int {
        let cells = try #require(try rows(by: 2)[field], "\(field) is on the page")
        return try #require(Int(cells[0]))
    }

    @Test func membersAreAsThePageSays() throws {
        var memory = SlabAllocator()
        let member = ScoredMember.allocate(score: 2.5, Bytes("sixteen bytes ok"), &memory)
        let at = unsafe member.pointer
        let (score, length) = (try offset(of: "score"), try offset(of: "member length"))
        let bytes = try offset(of: "member")
        #expect(unsafe at.load(fromByteOffset: score, as: Double.self) == 2.5)
        #expect(unsafe at.load(fromByteOffset: length, as: UInt32.self) == 16)
        #expect(unsafe Bytes(start: at + bytes, count: 16) == Bytes("sixteen bytes ok"))
        let block = try #require(try rows(by: 0)["member block"])
        #expect(memory.usedBytes == Int(block[1]))
        member.free(&memory)
        #expect(memory.usedBytes == 0)
    }

    @Test func leavesAreAsThePageSays() throws {
        var memory = SlabAllocator()
        var tree = RankTree()
        for number in 0..<200 {
            tree.insert(.allocate(score: Double(number), Bytes("m"), &memory), &memory)
        }
        let leaf = tree.cursor(at: 130).leaf
        let at = unsafe leaf.pointer
        let (previous, next) = (try offset(of: "previous leaf"), try offset(of: "next leaf"))
        let (base, shift) = (try offset(of: "frame base"), try offset(of: "frame shift"))
        let (used, places) = (try offset(of: "places in use"), try offset(of: "places"))
        #expect(
            unsafe at.load(fromByteOffset: previous, as: UnsafeMutableRawPointer?.self)
                == tree.cursor(at: 0).leaf.pointer)
        #expect(unsafe at.load(fromByteOffset: next, as: UInt64.self) == 0)
        #expect(unsafe at.load(fromByteOffset: base, as: UInt64.self) == leaf.frame.base)
        #expect(unsafe at.load(fromByteOffset: shift, as: UInt8.self) == leaf.frame.shift)
        #expect(unsafe Int(at.load(fromByteOffset: used, as: UInt16.self)) == leaf.count)
        let first = leaf[0]
        let word = unsafe at.load(fromByteOffset: places, as: UInt64.self)
        #expect(unsafe word & 0xFFFF_FFFF_FFFF == UInt64(UInt(bitPattern: first.pointer)))
        #expect(word >> 48 == leaf.frame.hint(RankTree.Frame.orderKey(first.score)))
        #expect(RankTree.Leaf.headerSize == places)
        #expect(RankTree.Leaf.size(capacity: RankTree.leafCapacityMax) == 1024)
    }

    @Test func innerNodesAreAsThePageSays() throws {
        var memory = SlabAllocator()
        var tree = RankTree()
        for number in 0..<200 {
            tree.insert(.allocate(score: Double(number), Bytes("m"), &memory), &memory)
        }
        let at = unsafe tree.top.pointer
        let (used, counts) = (try offset(of: "children in use"), try offset(of: "counts"))
        let (scores, members) = (try offset(of: "first scores"), try offset(of: "first members"))
        let children = try offset(of: "children")
        let second = tree.cursor(at: 124)
        #expect(second.index == 0)
        #expect(unsafe at.load(fromByteOffset: used, as: UInt16.self) == 2)
        #expect(unsafe at.load(fromByteOffset: scores + 8, as: Double.self) == 124)
        #expect(unsafe at.load(fromByteOffset: counts, as: UInt32.self) == 124)
        #expect(unsafe at.load(fromByteOffset: counts + 4, as: UInt32.self) == 76)
        #expect(
            unsafe at.load(fromByteOffset: members + 8, as: UnsafeMutableRawPointer.self)
                == second.member.pointer)
        #expect(
            unsafe at.load(fromByteOffset: children + 8, as: UnsafeMutableRawPointer.self)
                == second.leaf.pointer)
        #expect(children + Int(RankTree.innerCapacityMax) * 8 == RankTree.Inner.size)
    }

    @Test(arguments: ["tree, inserted in random order", "tree, inserted in order"])
    func aMemberCostsWhatThePageSays(part: String) throws {
        let cells = try #require(try rows(by: 0)[part])
        let said = try #require(Double(cells[1]))
        var memory = SlabAllocator()
        var tree = RankTree()
        let count = 100_000
        var numbers = Array(0..<count)
        var random = SplitMix64(seed: 6)
        if part.contains("random") { numbers.shuffle(using: &random) }
        for number in numbers {
            let member = ScoredMember.allocate(
                score: Double(number), Bytes("sixteen bytes ok"), &memory)
            tree.insert(member, &memory)
        }
        let perMember = Double(tree.usedBytes) / Double(count)
        #expect(memory.usedBytes == tree.usedBytes + count * 32)
        #expect(abs(perMember - said) < 0.2, "\(perMember) bytes")
    }
}
