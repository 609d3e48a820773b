import Base
import Glibc
import Layouts
import Log
import Placement
import Settings

/// What an operator is told of data that is brought to another number of cores.
public enum ReshardingNews: Sendable {
    /// It begins.
    case began(from: Int, to: Int)
    /// It has been done.
    case done(ReshardingReport)
}

// The layout in use, and those that came before it or were to come.
extension DataDirectory {
    /// Writes the data for `coreCount` cores where it is that of another number; what a start that
    /// was interrupted has left of that is deleted.
    ///
    /// - Returns: what IDENTITY says now.
    static func reshard(
        _ path: String, _ found: DataIdentity, _ coreCount: Int,
        _ onResharding: (ReshardingNews) -> Void
    ) throws(StartupObstacle) -> DataIdentity {
        var storage = FolderStorage(root: path)
        do {
            // Before anything needs the room that they take.
            for name in DirectoryLeftovers(storage, layout: found.layout).unfinished {
                try storage.removeFolder(name)
            }
            if Int(found.cores) == coreCount { return found }
            onResharding(.began(from: Int(found.cores), to: coreCount))
            let routing = RoutingTable(singleNodeWithCores: coreCount)
            let owners = (0..<SlotIndex.count).map { slot in
                routing.owner(of: SlotIndex(UInt16(slot))).core.rawValue
            }
            let report = try Resharding.reshard(
                &storage, found, cores: UInt16(coreCount), owners: owners,
                salt: SystemRandomNumberGenerator.seed())
            onResharding(.done(report))
            return report.new
        } catch let fault as LogFault {
            switch fault.reason {
            case .newerFormat: throw .dataOfNewerVersion(path: path)
            case .unreadable:
                throw .dataUnusable(path: "\(path)/\(fault.file)", reason: fault.reason.sentence)
            default: throw .dataDamaged(path: path, fault: "\(fault)")
            }
        } catch let fault as FileFault {
            if fault.code == EROFS { throw .dataReadOnly(path: path) }
            throw .dataNotResharded(
                path: path, from: Int(found.cores), to: coreCount, reason: fault.reason)
        } catch {
            throw .dataUnusable(path: path, reason: "\(error)")
        }
    }

    /// Deletes the layouts that nobody needs any more, now that the one in use has been read back.
    /// What cannot be deleted is tried again by the next start.
    func removeUnwanted() {
        var storage = FolderStorage(root: path)
        let unwanted = DirectoryLeftovers(storage, layout: identity.layout).unwanted
        for name in unwanted { try? storage.removeFolder(name) }
        if !unwanted.isEmpty { try? storage.sync("") }
    }
}
