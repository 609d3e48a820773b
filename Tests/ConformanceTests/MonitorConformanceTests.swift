import TestSupport
import Testing

/// What MONITOR shows. Connection 0 is the monitor.
@Suite struct MonitorConformanceTests {
    static let scripts: [[String]] = [
        ["0> MONITOR", "0> MONITOR", "1> SET k v", "1> get k", "1> PING", "1> MSET a 1 b 2 c 3",
         "1> DBSIZE", "1> KEYS k", "1> OBJECT ENCODING k", "1> CLIENT GETNAME", "1> INFO nonsense"],
        ["0> MONITOR", "1> ECHO \"\\x00\\x1f\\x7f\\x80\\xc3\\xa9 sp'q\\\"\\\\\\n\\r\\t\\a\\b\"",
         "1> ECHO \"\"", "1> ECHO plain"],
        ["0> MONITOR", "1> AUTH x", "1> AUTH default x", "1> HELLO 2 AUTH default x",
         "1> HELLO 3 SETNAME me AUTH default x", "1> HELLO 2", "1> RESET"],
        ["0> MONITOR", "1> CONFIG SET timeout 0", "1> CLIENT LIST TYPE pubsub", "1> nonsense a",
         "1> GET", "1> CLIENT nonsense", "1> SHUTDOWN ABORT", "1> PING"],
        ["0> MONITOR", "1> MULTI", "1> SET a 1", "1> GET b", "1> EXEC", "1> MULTI", "1> DISCARD",
         "1> MULTI", "1> nonsense", "1> EXEC", "1> EXEC", "1> MULTI", "1> WATCH a", "1> EXEC"],
        ["0> MONITOR", "1> WATCH k", "2> SET k 1", "1> MULTI ;; GET k ;; EXEC"],
        ["0> MONITOR", "1> CLIENT REPLY OFF", "1> PING", "1> CLIENT REPLY ON", "1> SUBSCRIBE x",
         "2> PUBLISH x m", "1> UNSUBSCRIBE", "1> QUIT"],
        ["0> MONITOR", "0> GET k", "0> SET k v", "0> PUBLISH x y", "0> DBSIZE", "0> PING",
         "0> MULTI", "0> GET k", "0> EXEC", "0> ECHO a", "0> RESET", "0> GET k", "1> PING"],
        ["0> MULTI", "0> MONITOR", "0> EXEC"],
        ["0> MONITOR", "0> CLIENT REPLY OFF", "1> PING", "0> PING"],
        ["0> MONITOR", "1> MONITOR", "2> PING", "!close 0", "2> PING"],
        ["0> MONITOR", "0> SUBSCRIBE x", "1> PUBLISH x y", "1> CLIENT KILL TYPE pubsub"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func monitors(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for difference in try pair.pushDifferences(Self.scripts) {
            Issue.record(Comment(rawValue: difference))
        }
    }
}
