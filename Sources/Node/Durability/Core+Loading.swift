// While a core reads its data back: docs/internals/durability.md, "The start".

import Base
import Engine

/// How far a core is in reading its data back.
struct Loading: BitwiseCopyable {
    /// When it began, in milliseconds since 1970.
    var startedAt: Int64 = 0
    /// The size of the core's snapshot and log, as far as they are known yet.
    var totalBytes = 0
    var loadedBytes = 0
}

extension Core {
    /// Until ``endLoading()`` requests that need the data are refused, and nothing expires.
    public mutating func beginLoading() {
        loading = Loading(startedAt: now)
        duties.set(.loading, true)
    }

    /// How much of what there is has been read.
    public mutating func noteLoaded(bytes: Int, of total: Int) {
        loading.loadedBytes = bytes
        loading.totalBytes = total
    }

    /// All cores have their data.
    public mutating func endLoading() {
        duties.set(.loading, false)
    }

    /// The core's data is not all there yet.
    var isLoading: Bool { duties.contains(.loading) }

    /// After each key that is read back the core rests so long, in microseconds; 0 or less: not at
    /// all (key-load-delay, by which tests see a node that loads).
    public var keyLoadDelay: Int { configuration.keyLoadDelayMicroseconds }

    mutating func refuseWhileLoading(_ connection: ConnectionReference, _ command: CommandID) {
        engine.reject(command)
        if command == .exec {
            refuseExec(connection, because: "\(CommandError.loading.text)")
            return
        }
        engine.fail(.loading)
        if connection.state.session.isInTransaction {
            connection.state.session.isTransactionBroken = true
        }
    }
}
