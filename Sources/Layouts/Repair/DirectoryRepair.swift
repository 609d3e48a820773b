// The repair of a data directory that is not in use: docs/internals/log-format.md, "Repair".
//
// What is sound is copied into a new layout beside the old one (NewLayout), which stays as it is:
// it is the evidence.

import Base
import Log

/// The repair of a data directory; see the essay above.
public enum DirectoryRepair {
    /// Repairs what is damaged; a sound directory is left as it is, also with a torn end.
    ///
    /// - Parameter salt: random; the salts of the new files come from it.
    /// - Throws: ``LogFault`` where there is no data, a file that cannot be read, or one of a newer
    ///   version; else what a step of the storage throws.
    public static func repair(
        _ storage: inout some LayoutStorage, salt: UInt64
    ) throws -> RepairReport {
        var report = RepairReport()
        var old = try findIdentity(storage, &report)
        report.oldLayout = old.layout
        if report.faults.isEmpty, DirectoryCheck(storage).faults.isEmpty { return report }
        var salvages: [CoreSalvage] = []
        for core in 0..<old.cores {
            salvages.append(try CoreSalvage(old.files(ofCore: core), storage))
        }
        try settle(&salvages)
        if !report.faults.isEmpty { raiseStarts(&old, salvages) }
        var new = old
        new.layout = NewLayout.number(after: old.layout, storage)
        try NewLayout.install(new, replacing: [], &storage) { root, storage in
            for index in salvages.indices {
                try salvages[index].write(
                    new.files(ofCore: UInt16(index)), root: root,
                    salt: salt &+ UInt64(index) << 48, &storage)
                report.cores.append(salvages[index].report)
            }
        }
        report.newLayout = new.layout
        return report
    }

    private static func settle(_ salvages: inout [CoreSalvage]) throws(LogFault) {
        var scans = salvages.map(\.scan)
        try Recovery.settleTransactions(&scans)
        for index in salvages.indices { salvages[index].scan = scans[index] }
    }

    // MARK: IDENTITY

    /// What IDENTITY says, or, where it is damaged, what the manifests of the newest layout do.
    private static func findIdentity(
        _ storage: some LayoutStorage, _ report: inout RepairReport
    ) throws -> DataIdentity {
        do throws(LogFault) {
            return try DirectoryCheck.readIdentity(storage)
        } catch {
            if error.reason == .newerFormat || error.reason == .unreadable { throw error }
            report.faults.append(error)
            var names: [String] = []
            storage.list("", into: &names)
            guard let layout = names.compactMap(DirectoryName.layoutNumber).max() else {
                throw error
            }
            names.removeAll()
            storage.list(DirectoryName.layout(layout), into: &names)
            for name in names.sorted() where name.hasPrefix("core-") {
                let path = "\(DirectoryName.layout(layout))/\(name)/\(FileName.manifest.text)"
                if let found = try identity(storage, path) { return found }
            }
            throw error
        }
    }

    /// What a manifest says of the directory; nil where it is damaged.
    private static func identity(
        _ storage: some LayoutStorage, _ path: String
    ) throws(LogFault) -> DataIdentity? {
        var identity: DataIdentity?
        try storage.read(path) { (bytes) throws(LogFault) in
            guard let bytes, let named = fileIdentity(bytes) else { return }
            // Its checksum is compared here.
            guard (try? Manifest(bytes, named)) != nil else { return }
            identity = DataIdentity(
                node: named.node, layout: named.layout, cores: named.cores, starts: 1)
        }
        return identity
    }

    private static func fileIdentity(_ manifest: Bytes) -> FileIdentity? {
        let text = String(decoding: bytes(manifest), as: UTF8.self)
        var words: [Substring: [Substring]] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if let label = parts.first { words[label] = Array(parts.dropFirst()) }
        }
        guard let node = words["node"]?.first.flatMap({ NodeBits($0) }) else { return nil }
        guard let layout = words["layout"]?.first.flatMap({ UInt32($0) }) else { return nil }
        guard let core = words["core"], core.count == 3 else { return nil }
        guard let index = UInt16(core[0]), let cores = UInt16(core[2]) else { return nil }
        return FileIdentity(node: node, layout: layout, core: index, cores: cores)
    }

    /// No number of a transaction is given twice: the starts are above those in the logs.
    private static func raiseStarts(_ identity: inout DataIdentity, _ salvages: [CoreSalvage]) {
        var seen: [UInt16: UInt64] = [:]
        for salvage in salvages { salvage.scan.noteTransactions(in: &seen) }
        for number in seen.values where number != UInt64.max {
            identity.starts = max(identity.starts, UInt32(number >> 40) + 1)
        }
    }
}
