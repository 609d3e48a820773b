import Base
import Glibc
import RDB
import Uring

/// What an RDB file has, found by reading it to its end before the first key is sent: a file that
/// is damaged, or not to be imported as a whole, is refused while nothing has happened.
struct FileScan {
    private(set) var version: UInt16 = 0
    /// The numbers of the databases that have keys.
    private(set) var databases: Set<UInt64> = []
    /// Libraries of functions.
    private(set) var functions = 0
    /// What modules have besides keys.
    private(set) var moduleRemarks = 0

    /// - Throws: ``CommandFailure`` where the file is damaged.
    init(_ file: borrowing MappedFile, _ path: String) throws(CommandFailure) {
        var reader: FileReader
        do throws(PayloadError) {
            reader = try FileReader(file.bytes)
        } catch {
            throw Self.failure(error, path, file.bytes)
        }
        do throws(PayloadError) {
            let crc = CRC64()
            while let entry = try reader.next(crc) {
                databases.insert(entry.database)
                _ = try reader.takeValue()
            }
        } catch {
            throw Self.failure(error, path, at: reader.offset)
        }
        version = reader.version
        functions = reader.functionCount
        moduleRemarks = reader.moduleRemarkCount
    }

    private static func failure(
        _ error: PayloadError, _ path: String, at offset: Int
    ) -> CommandFailure {
        let nothing = "nothing was imported"
        switch error {
        case .versionOrChecksum:
            return CommandFailure(
                "\(path) is damaged: its checksum is not that of its content; \(nothing).",
                EX_DATAERR)
        case .badFormat:
            return CommandFailure(
                "\(path) is damaged or cut off at byte \(offset); \(nothing).", EX_DATAERR)
        case .unsupportedType(let byte):
            return CommandFailure(
                "\(path) has at byte \(offset) a part of the kind \(byte), whose end is not known "
                    + "here; \(nothing).", EX_DATAERR)
        }
    }

    /// Of a file whose head is not accepted.
    private static func failure(
        _ error: PayloadError, _ path: String, _ file: Bytes
    ) -> CommandFailure {
        if error == .versionOrChecksum {
            let version = file.slice(5, 9).string
            return CommandFailure(
                "\(path) is of RDB version \(version): versions up to 11 (Redis 7.2) are read.",
                EX_DATAERR)
        }
        return CommandFailure("\(path) is no RDB file.", EX_DATAERR)
    }
}
