import Base
import Node

/// How a client has left.
package enum Departure {
    /// In order: the server reads the end after the last byte, and can still send (FIN).
    case finish
    /// The connection is broken in both directions (RST).
    case reset
}

/// One TCP connection as a core sees it: a stream of bytes in each direction, and at most one send under way.
package final class SimSocket {
    package let core: Int
    package internal(set) var id = ConnectionID(index: 0, generation: 0)

    /// Sent by the client, not yet received by the core.
    var toServer: [UInt8] = []
    /// Sent by the core, not yet read by the client.
    package internal(set) var toClient: [UInt8] = []
    /// What the core has given to the kernel to send; it must stay as it is until the send completes.
    var sending: Bytes?
    /// The core wants to receive.
    var isReceiving = false
    /// The core has learnt that the client is gone.
    var isEndDelivered = false
    /// The core has broken the connection off.
    var isAborted = false
    /// The core has closed it.
    package internal(set) var isClosed = false
    package internal(set) var departure: Departure?
    /// A client that does not read lets a send wait once the kernel's buffer is full.
    package var isReading = true

    init(core: Int) {
        self.core = core
    }

    /// What a kernel buffers for a client that does not read, in bytes.
    static let kernelBufferBytes = 4096

    // MARK: The client's side

    package func send(_ bytes: [UInt8]) {
        if departure == nil { toServer += bytes }
    }

    /// Takes what has arrived.
    package func read() -> [UInt8] {
        defer { toClient.removeAll() }
        return toClient
    }

    /// The client leaves. A broken connection loses what was under way.
    package func leave(_ how: Departure) {
        if departure != nil { return }
        departure = how
        if how == .reset { toServer.removeAll() }
    }

    /// Loses the last bytes that the client sent and that have not arrived.
    package func loseUnreceived(last count: Int) {
        toServer.removeLast(min(count, toServer.count))
    }

    // MARK: What can happen next

    var hasInput: Bool {
        if isClosed || isEndDelivered || isAborted { return false }
        if departure == .reset { return true }
        return isReceiving && (!toServer.isEmpty || departure == .finish)
    }

    var canCompleteSend: Bool {
        if isClosed || sending == nil { return false }
        return isAborted || departure != nil || isReading
            || toClient.count < Self.kernelBufferBytes
    }
}
