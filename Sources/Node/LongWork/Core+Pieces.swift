// Replies of long works of other cores, at the core of their clients.

import Base
import Engine
import Placement

extension Core {
    /// Another core does a request of a parcel in parts: what the connection has sent behind it
    /// waits for the reply.
    mutating func awaitPieces(_ connection: ConnectionReference) {
        if connection.state.stall == .none { connection.state.stall = .holes }
        // A parcel that has waited for a key comes behind the pieces: they may all be here.
        markDirty(connection)
    }

    /// A piece of a reply has come from another core.
    mutating func pieceArrived(_ parcel: ParcelReference) {
        if !parcel.content.slowCalls.isEmpty { logSlowCalls(of: parcel) }
        let id = parcel.content.items[0].connection
        guard let connection = connections.find(id), !connection.state.isBroken else {
            answerPiece(parcel, isTaken: false)
            return
        }
        if parcel.content.endsClient {
            closeNow(connection)
            answerPiece(parcel, isTaken: false)
            return
        }
        connection.state.details.pieces.append(parcel)
        connection.state.hasPieces = true
        markDirty(connection)
    }

    /// Puts what has come of another core's reply where it belongs, once nothing is missing before
    /// it and the client has been sent enough of it.
    @inline(never)
    mutating func takePieces(_ connection: ConnectionReference) {
        let details = connection.state.details
        var place = 0
        while place < details.pieces.count {
            let parcel = details.pieces[place]
            if connection.state.outputBytes > Self.unsentMax { return }
            let isTaken = fillHole(
                parcel.content.items[0].hole, parcel.content.reply.bytes,
                isLast: parcel.content.isLastPiece, connection)
            if !isTaken {
                place += 1
                continue
            }
            details.pieces.remove(at: place)
            answerPiece(parcel, isTaken: true)
            // What stands behind the hole may be here already.
            place = 0
        }
        connection.state.hasPieces = !details.pieces.isEmpty
    }

    /// The connection goes: nobody wants what has come.
    mutating func dropPieces(_ connection: ConnectionReference) {
        if !connection.state.hasPieces { return }
        for parcel in connection.state.details.pieces { answerPiece(parcel, isTaken: false) }
        connection.state.details.pieces.removeAll()
        connection.state.hasPieces = false
    }

    private mutating func answerPiece(_ parcel: ParcelReference, isTaken: Bool) {
        parcel.content.reply.removeAll()
        parcel.content.wait.isTaken = isTaken
        mail(parcel, to: parcel.content.home, as: .pieceTaken)
    }
}
