import Layouts
import Log
import Logging
import Runtime

/// What a start says of data that was another number of cores'.
enum ReshardingLines {
    static func write(_ news: ReshardingNews, took: Duration, to log: Logger) {
        switch news {
        case .began(let from, let to):
            log.notice("the data is that of \(cores(from)): writing it for \(cores(to))")
        case .done(let report):
            for cut in report.cuts {
                let line = RecoveryLines.cutLine(
                    core: Int(cut.core), bytes: cut.bytes, at: cut.at)
                log.warning("\(line)")
            }
            log.notice("\(line(report, took))")
        }
    }

    private static func line(_ report: ReshardingReport, _ took: Duration) -> String {
        """
        wrote the data of \(cores(Int(report.old.cores))) for \(cores(Int(report.new.cores))) in \
        \(Int(took / .milliseconds(1)).grouped) ms: \(report.snapshotRecordCount.grouped) records \
        of snapshots and \(report.logRecordCount.grouped) of the log, \
        \(Int(report.byteCount).grouped) bytes; \(DirectoryName.layout(report.new.layout)) takes \
        the place of \(DirectoryName.layout(report.old.layout))
        """
    }

    private static func cores(_ count: Int) -> String { count == 1 ? "1 core" : "\(count) cores" }
}
