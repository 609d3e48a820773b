/// Ends the process with a report when `condition` is false: an invariant is a promise that our own
/// code made to itself, so breaking it is our bug, and going on would spread the damage.
///
/// Input from a client, a peer, a disk or an operator is never checked with this: it gets an error.
///
/// The standard library's `precondition` loses its message in release builds; this one keeps it.
/// The condition is a plain value, not an autoclosure, so that the check costs one branch.
@inlinable @inline(__always)
public func invariant(
    _ condition: Bool, _ message: StaticString, file: StaticString = #fileID, line: UInt = #line
) {
    if _slowPath(!condition) { invariantFailed(message, file: file, line: line) }
}

/// The cold half of ``invariant(_:_:file:line:)``; also for branches that must never be reached.
@inline(never)
public func invariantFailed(
    _ message: StaticString, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    fatalError("invariant broken: \(message)", file: file, line: line)
}
