/// How much the log says, by Redis's names; each level includes those after it.
public enum LogLevel: String, Sendable, CaseIterable {
    /// Everything, for the developers of Gyre.
    case debug
    /// Much that is seldom useful.
    case verbose
    /// What an operator wants to read.
    case notice
    /// Only what needs attention.
    case warning
}
