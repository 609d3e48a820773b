import Base

extension Engine {
    /// Runs a command of the HyperLogLog group.
    @inline(never)
    mutating func dispatchHyperLogLog(_ call: Invocation) {
        switch call.command {
        case .pfadd: addElements(call)
        case .pfcount: countElements(call)
        case .pfmerge: mergeElements(call)
        case .pfdebug: debugHyperLogLog(call)
        case .pfselftest: selfTestHyperLogLog(call)
        default: invariantFailed("a command of the HyperLogLog group is dispatched")
        }
    }
}
