import Base

extension Engine {
    /// Runs a command of the bitmap group.
    @inline(never)
    mutating func dispatchBits(_ call: Invocation) {
        switch call.command {
        case .setbit: setBit(call)
        case .getbit: getBit(call)
        case .bitcount: countBits(call)
        case .bitpos: findBit(call)
        case .bitop: combineBits(call)
        case .bitfield: bitField(call)
        case .bitfieldReadOnly: bitFieldReadOnly(call)
        default: invariantFailed("a command of the bitmap group is dispatched")
        }
    }
}
