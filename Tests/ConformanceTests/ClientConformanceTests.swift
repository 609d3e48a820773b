import Foundation
import TestSupport
import Testing

/// Connections: greeting, authentication, CLIENT and what it does to other connections.
@Suite struct ClientConformanceTests {
    static let greetings: [[String]] = [
        ["HELLO", "HELLO 2", "HELLO 3", "HELLO", "GET missing", "HELLO 2", "GET missing"],
        ["HELLO 1", "HELLO 4", "HELLO x", "HELLO -3", "HELLO 99999999999999999999", "HELLO 3.0"],
        ["HELLO 3 AUTH", "HELLO 3 AUTH default", "HELLO 3 AUTH default wrong", "HELLO 3 AUTH x y"],
        ["HELLO 3 SETNAME", "HELLO 3 SETNAME me", "CLIENT GETNAME", "HELLO 2 SETNAME me{2}"],
        // A name stands even if a later word is refused.
        ["HELLO 2 SETNAME a AUTH x y", "CLIENT GETNAME", "HELLO 2 SETNAME b nonsense",
            "CLIENT GETNAME", "HELLO 9 SETNAME c", "CLIENT GETNAME"],
        ["HELLO 3 nonsense", "HELLO 2 AUTH x y z", "HELLO 3 SETNAME a SETNAME b", "CLIENT GETNAME"],
        ["HELLO 4 AUTH x y", "HELLO 2 setname lower auth default x", "CLIENT GETNAME"],
        ["HELLO 2 SETNAME on AUTH x usage", "CLIENT GETNAME", "HELLO 2 SETNAME off nonsense",
         "CLIENT GETNAME", "HELLO 9 SETNAME nine", "CLIENT GETNAME",
         "HELLO 2 SETNAME two SETNAME a{2}\u{e9}", "CLIENT GETNAME", "HELLO 3 SETNAME x AUTH",
         "CLIENT GETNAME", "HELLO 2 AUTH x y SETNAME late", "CLIENT GETNAME"],
        ["AUTH", "AUTH x", "AUTH default x", "AUTH x y", "AUTH x y z", "auth default"],
        ["SELECT", "SELECT 0", "SELECT 1", "SELECT x", "SELECT -1", "SELECT 0 0", "SELECT 00"],
        ["CLIENT SETNAME me", "RESET", "CLIENT GETNAME", "RESET extra"],
        ["HELLO 3", "RESET", "GET missing", "MULTI", "RESET", "EXEC"],
        ["QUIT", "PING"], ["1> PING", "QUIT", "1> PING", "1> quit"],
        ["PING", "PING a", "PING a b", "ECHO", "ECHO a b", "HELLO 3", "PING", "PING a"],
    ]

    static let clients: [[String]] = [
        ["CLIENT", "CLIENT nonsense", "CLIENT nonsense a b", "CLIENT ID extra", "CLIENT ID"],
        ["CLIENT GETNAME", "CLIENT SETNAME me", "CLIENT GETNAME", "CLIENT SETNAME", "CLIENT INFO"],
        ["CLIENT SETNAME bad\nname", "CLIENT SETNAME a\u{7F}", "CLIENT SETNAME é",
         "CLIENT GETNAME"],
        ["CLIENT GETNAME x", "CLIENT INFO x", "CLIENT LIST TYPE", "CLIENT LIST TYPE nonsense"],
        ["CLIENT LIST ID", "CLIENT LIST ID x", "CLIENT LIST ID 0", "CLIENT LIST ID -1",
         "CLIENT LIST x"],
        ["CLIENT LIST ID 99999999", "CLIENT LIST TYPE pubsub", "CLIENT LIST TYPE replica"],
        ["CLIENT KILL", "CLIENT KILL ID", "CLIENT KILL ID x", "CLIENT KILL ID 0",
         "CLIENT KILL ID -1"],
        ["CLIENT KILL 127.0.0.1:1", "CLIENT KILL ADDR 127.0.0.1:1", "CLIENT KILL LADDR 1.1.1.1:1"],
        ["CLIENT KILL TYPE nonsense", "CLIENT KILL USER nobody",
         "CLIENT KILL USER default SKIPME x"],
        ["CLIENT KILL ID 99999999", "CLIENT KILL ID 99999999 SKIPME no", "CLIENT KILL a b c"],
        ["CLIENT KILL TYPE pubsub", "CLIENT KILL nonsense 1",
         "CLIENT KILL ID 99999999 TYPE normal"],
        ["CLIENT NO-EVICT", "CLIENT NO-EVICT ON", "CLIENT NO-EVICT off", "CLIENT NO-EVICT x"],
        ["CLIENT PAUSE", "CLIENT PAUSE x", "CLIENT PAUSE -1", "CLIENT PAUSE 1 x",
         "CLIENT PAUSE 1 2 3"],
        ["CLIENT PAUSE 9223372036854775807", "CLIENT PAUSE 1.5", "CLIENT PAUSE 0", "PING"],
        ["CLIENT UNPAUSE", "CLIENT UNPAUSE x", "CLIENT REPLY", "CLIENT REPLY x", "CLIENT REPLY ON"],
        ["HELLO 3", "CLIENT GETNAME", "CLIENT INFO", "CLIENT LIST ID 0", "CLIENT NO-EVICT on"],
        ["MULTI", "CLIENT INFO", "PING", "CLIENT GETNAME", "EXEC", "CLIENT INFO"],
        ["WATCH a b", "CLIENT INFO", "SELECT 0", "CLIENT INFO", "GET a", "CLIENT INFO"],
    ]

    static let secrets: [[String]] = [
        ["GET a", "nonsense", "nonsense a b", "GET", "AUTH wrong", "AUTH secret", "GET a"],
        ["AUTH default wrong", "AUTH nobody secret", "AUTH default secret", "PING"],
        ["HELLO", "HELLO 3", "HELLO 3 AUTH default wrong", "HELLO 3 SETNAME me", "HELLO 4"],
        ["HELLO 3 AUTH default secret SETNAME me", "CLIENT GETNAME", "RESET", "CLIENT GETNAME"],
        ["AUTH secret", "AUTH wrong", "PING", "RESET", "PING"],
        ["MULTI", "EXEC", "AUTH secret", "MULTI", "AUTH wrong", "PING", "EXEC"],
        ["QUIT"], ["PING", "COMMAND COUNT", "CLIENT ID", "SHUTDOWN", "QUIT"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func callsAboutTheConnection(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.greetings + Self.clients)
    }

    @Test func callsBeforeAndAfterAuthentication() throws {
        let pair = try ServerPair(ServerOptions(password: "secret"))
        try pair.compare(Self.secrets)
    }

    /// What is played on each server, with that server's own ids and addresses filled in.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func killingConnections(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let transcripts = try [pair.reference, pair.subject].map { server in
            let killer = try server.connect()
            var lines: [String] = []
            for form in ["ID", "ADDR", "old"] {
                let victim = try server.connect()
                let id = try victim.call("CLIENT", "ID").integer ?? -1
                let info = try killer.call("CLIENT", "LIST", "ID", "\(id)").text ?? ""
                let address = info.split(separator: " ").first { $0.hasPrefix("addr=") } ?? ""
                let target = form == "ID" ? "\(id)" : String(address.dropFirst(5))
                let call = ["CLIENT", "KILL"] + (form == "old" ? [] : [form]) + [target]
                lines.append("\(form): \(try killer.call(Call(call.map(word))).reply)")
                lines.append("victim: \(Outcome { try victim.call(Call("PING")) })")
                lines.append("again: \(try killer.call(Call(call.map(word))).reply)")
            }
            let own = try killer.call("CLIENT", "ID").integer ?? -1
            lines.append("skip: \(try killer.call("CLIENT", "KILL", "ID", "\(own)"))")
            let suicide = try killer.call("CLIENT", "KILL", "ID", "\(own)", "SKIPME", "no")
            lines.append("self: \(suicide)")
            lines.append("after: \(Outcome { try killer.call(Call("PING")) })")
            return lines
        }
        #expect(transcripts[0] == transcripts[1])
    }

    /// While writes are paused reads are served; unpausing lets the waiting write go on.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func pausingWrites(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let (control, writer) = (try server.connect(), try server.connect())
            #expect(try control.call("CLIENT", "PAUSE", "60000", "WRITE").text == "OK")
            try writer.send(Call("SET", "k", "v").encoded)
            #expect(try writer.receive(within: 0.2) == nil)
            #expect(try control.call("GET", "k").isNull)
            #expect(try control.call("CLIENT", "UNPAUSE").text == "OK")
            #expect(try writer.receive().reply.text == "OK")
            #expect(try control.call("GET", "k").text == "v")
        }
    }

    /// A pause of everything ends by itself, and the commands that waited are answered in order.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func pausingEverything(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let (control, other) = (try server.connect(), try server.connect())
            let start = ContinuousClock.now
            #expect(try control.call("CLIENT", "PAUSE", "300", "ALL").text == "OK")
            try other.send(Call("ECHO", "1").encoded + Call("ECHO", "2").encoded)
            #expect(try other.receive().reply.text == "1")
            #expect(start.duration(to: .now) >= .milliseconds(290))
            #expect(try other.receive().reply.text == "2")
        }
    }

    /// Commands of 7.2, which the reference does not have: expectations are written down.
    @Test(.enabled(if: ServerProgram.subject.hasNodePort, "redis-server 7.0 lacks these commands"))
    func newerSubcommands() throws {
        let server = try ServerProcess(.subject)
        let client = try server.connect()
        #expect(try client.call("CLIENT", "SETINFO", "LIB-NAME", "redis-py").text == "OK")
        #expect(try client.call("CLIENT", "SETINFO", "lib-ver", "1.2.3").text == "OK")
        let info = try client.call("CLIENT", "INFO").text ?? ""
        #expect(info.contains("lib-name=redis-py lib-ver=1.2.3"))
        #expect(
            try client.call("CLIENT", "SETINFO", "LIB-NAME", "a b").text
                == "ERR LIB-NAME cannot contain spaces, newlines or special characters.")
        #expect(
            try client.call("CLIENT", "SETINFO", "nonsense", "x").text
                == "ERR Unrecognized option 'nonsense'")
        #expect(
            try client.call("CLIENT", "SETINFO", "LIB-NAME").text
                == "ERR wrong number of arguments for 'client|setinfo' command")
        #expect(try client.call("CLIENT", "NO-TOUCH", "ON").text == "OK")
        #expect(try client.call("CLIENT", "NO-TOUCH", "off").text == "OK")
        #expect(try client.call("CLIENT", "NO-TOUCH", "x").text == "ERR syntax error")
        #expect(
            try client.call("CLIENT", "NO-TOUCH").text
                == "ERR wrong number of arguments for 'client|no-touch' command")
    }
}
