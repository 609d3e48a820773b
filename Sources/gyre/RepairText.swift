import Layouts
import Log

/// What `gyre check --repair` prints.
enum RepairText {
    static func text(_ report: RepairReport) -> String {
        guard let layout = report.newLayout else {
            return "The data is sound: nothing was repaired.\n"
        }
        var lines = report.allFaults.map { "DAMAGE \($0)" }
        for core in report.cores { addLines(core, to: &lines) }
        lines.append(
            """
            Repaired: \(DirectoryName.layout(layout)) is in use. \
            \(DirectoryName.layout(report.oldLayout)) is as it was: delete it when nothing of it \
            is needed any more.
            """)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func addLines(_ core: CoreRepair, to lines: inout [String]) {
        let name = "Core \(core.core):"
        var kept = "\(name) kept \(core.snapshotRecordCount.grouped) records of the snapshot "
        kept += "and \(core.logRecordCount.grouped) of the log"
        if let end = core.cutAt { kept += ", which ends at \(end)" }
        lines.append(kept)
        for stretch in core.lost {
            lines.append(
                """
                \(name) lost \(stretch.file) from \(stretch.offset) on: \
                \(stretch.byteCount.grouped) bytes, \(stretch.recordCount.grouped) records that \
                can be read, \(stretch.unreadableByteCount.grouped) bytes that cannot
                """)
        }
        if core.uncertainSlotCount > 0 {
            let missing = core.missingSnapshotRecordCount?.grouped ?? "nobody knows how many"
            lines.append(
                """
                \(name) the snapshot lacks records: \(missing). Keys of \
                \(core.uncertainSlotCount.grouped) slots may be gone without being listed
                """)
        }
        let keys = core.staleKeys
        if keys.count == 0 { return }
        var list = keys.names.map(quoted).joined(separator: " ")
        if keys.count > keys.names.count {
            list += " and \((keys.count - keys.names.count).grouped) more"
        }
        lines.append("\(name) gone or older than they were: \(keys.count.grouped) keys: \(list)")
    }

    /// As redis-cli shows a string.
    static func quoted(_ key: [UInt8]) -> String {
        var text = "\""
        for byte in key {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F: text += String(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text + "\""
    }
}
