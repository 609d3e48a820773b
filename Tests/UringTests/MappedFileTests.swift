import Base
import Foundation
import Testing
import Uring

@Suite struct MappedFileTests {
    @Test(arguments: ["", "abc", String(repeating: "0123456789", count: 1000)])
    func aMappedFileHasTheFilesBytes(content: String) throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "gyre-mapped-\(UUID().uuidString)").path
        try Data(content.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try MappedFile(path)
        #expect(file.bytes.string == content)
    }

    @Test func whatCannotBeMappedIsTold() {
        #expect(throws: SystemError(call: "open", code: ENOENT)) {
            _ = try MappedFile("/nowhere/at-all")
        }
        #expect(throws: SystemError(call: "mmap", code: ENODEV)) { _ = try MappedFile("/") }
    }
}
