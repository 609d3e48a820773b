import Base

/// Every command, one row each: the source of dispatch, routing, COMMAND, its documentation and the
/// tests.
package enum CommandTable {
    /// All rows, indexed by ``CommandID``.
    package static let rows = CommandRows()
}

/// The rows in the order of their ids.
package struct CommandRows: Sendable {
    private var rows: [Command] = []

    init() {
        let listed =
            CommandTable.strings + CommandTable.lists + CommandTable.hashes + CommandTable.sets
            + CommandTable.sortedSets + CommandTable.places + CommandTable.bits
            + CommandTable.hyperLogLogs + CommandTable.keys + CommandTable.connection
            + CommandTable.server + CommandTable.persistence
            + CommandTable.insight + CommandTable.transactions
            + CommandTable.cluster + CommandTable.pubSub
        for id in CommandID.allCases {
            guard let row = listed.first(where: { $0.id == id }) else {
                invariantFailed("every command has a row")
            }
            rows.append(row)
        }
        invariant(listed.count == rows.count, "no command has two rows")
    }

    package var count: Int { rows.count }

    package subscript(id: CommandID) -> Command { rows[Int(id.rawValue)] }
}

extension CommandRows: Sequence {
    package func makeIterator() -> IndexingIterator<[Command]> { rows.makeIterator() }
}

extension CommandID {
    /// The command's row. Not for the request path: that uses ``CommandIndex``.
    package var row: Command { CommandTable.rows[self] }
}
