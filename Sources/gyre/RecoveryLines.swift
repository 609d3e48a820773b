import Log
import Logging
import Runtime

/// What a start says of the data that it found.
enum RecoveryLines {
    /// A line of all that was read back, and one for each core whose log ended torn.
    static func write(_ reports: [RecoveryReport], took: Duration, to log: Logger) {
        for report in reports {
            guard let cut = report.cut else { continue }
            log.warning("\(cutLine(core: report.core, bytes: cut.bytes, at: cut.at))")
        }
        func sum(_ part: (RecoveryReport) -> Int) -> String {
            reports.reduce(0) { $0 + part($1) }.grouped
        }
        let milliseconds = Int(took / .milliseconds(1)).grouped
        log.notice(
            """
            recovered \(sum(\.keyCount)) keys in \(milliseconds) ms: \
            snapshots of \(sum(\.snapshotBytes)) bytes and \(sum(\.records)) records \
            in \(sum(\.logBytes)) bytes of the log
            """)
    }

    static func cutLine(core: Int, bytes: Int, at end: LogPosition) -> String {
        """
        core \(core): the log ended torn; \(bytes.grouped) bytes behind \
        \(FileName.segment(end.segment).text):\(end.offset) were cut \
        (never acknowledged under appendfsync always)
        """
    }
}

extension Int {
    /// In groups of three digits: 1,048,576. Never below 0 here.
    var grouped: String {
        var text = ""
        for (index, digit) in String(self).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
