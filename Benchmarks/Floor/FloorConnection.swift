/// What the floor remembers of a client.
@safe
struct FloorConnection {
    var isOpen = false
    var isSending = false
    /// Marked for the end of the turn.
    var isDirty = false
    private var replies = ByteBuffer()
    /// What the send in flight names; untouched until it completes.
    private var inFlight = ByteBuffer()
    /// The beginning of a frame whose end has not come yet.
    private var carry = ByteBuffer()

    /// Makes the place fit for a new client.
    mutating func open() {
        isOpen = true
        isSending = false
        replies.removeAll()
        carry.removeAll()
    }

    /// Appends the replies to the whole frames in `received`, and keeps what is left of it.
    mutating func answer(_ received: UnsafeRawBufferPointer) {
        if carry.count > 0 { return unsafe answerAfterCarry(received) }
        var walk = unsafe RequestWalk(received)
        let consumed = walk.run(into: &replies)
        if consumed < received.count {
            unsafe carry.append(received.baseAddress! + consumed, received.count - consumed)
        }
    }

    /// What to send now: nothing when there is nothing, or while the last send is in flight.
    @inline(__always)
    mutating func nextSend() -> UnsafeRawBufferPointer? {
        isDirty = false
        if isSending || !isOpen || replies.count == 0 { return nil }
        isSending = true
        swap(&replies, &inFlight)
        replies.removeAll()
        return unsafe inFlight.bytes
    }

    private mutating func answerAfterCarry(_ received: UnsafeRawBufferPointer) {
        unsafe carry.append(received.baseAddress!, received.count)
        var walk = unsafe RequestWalk(carry.bytes)
        carry.removeFirst(walk.run(into: &replies))
    }
}
