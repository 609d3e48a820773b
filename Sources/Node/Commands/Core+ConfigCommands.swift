// CONFIG GET and SET. Each core has a copy of the settings; SET changes all of them or none.

import Base
import Engine

extension Core {
    /// CONFIG GET pattern [pattern …]: each setting once. A name that is no pattern is answered as
    /// it was spelled.
    mutating func configGet(_ connection: ConnectionReference, _ call: Invocation) {
        var names: [String] = []
        var found: [ConfigurationParameter] = []
        for row in ConfigurationTable.rows {
            guard let index = (2..<call.count).first(where: { row.matches(call[$0]) }) else {
                continue
            }
            let isName = call[index].equalsIgnoringCase(row.name)
            names.append(isName ? call[index].string : "\(row.name)")
            found.append(row)
        }
        engine.reply.map(found.count)
        for (name, row) in zip(names, found) {
            engine.reply.bulk(name)
            engine.reply.bulk(value(of: row, connection.state.details))
        }
    }

    private func value(
        of row: ConfigurationParameter, _ details: ConnectionDetails
    ) -> String {
        switch "\(row.name)" {
        case "port": String(SocketName(details.localAddress).port)
        case "bind": identity.host
        case "cluster-enabled": details.listener == .gateway ? "no" : "yes"
        default: configuration.value(of: ConfigurationTable.resolve(row))
        }
    }

    /// CONFIG SET name value [name value …]: whether all of it can be done.
    mutating func isSoundConfigSet(_ call: Invocation) -> Bool {
        if call.count % 2 != 0 {
            engine.fail(.syntax)
            return false
        }
        var names: Set<String> = []
        for index in stride(from: 2, to: call.count, by: 2) {
            guard let row = ConfigurationTable.find(call[index]) else {
                engine.fail(
                    """
                    ERR Unknown option or number of arguments for CONFIG SET - \
                    '\(call[index].string)'
                    """)
                return false
            }
            if !names.insert("\(row.name)").inserted {
                failConfigSet(call[index], "duplicate parameter")
                return false
            }
            let target = ConfigurationTable.resolve(row)
            let current = configuration.value(of: target)
            if case .fault(let fault) = target.kind.read(
                call[index + 1].string, current: current)
            {
                failConfigSet(call[index], fault)
                return false
            }
        }
        return true
    }

    private mutating func failConfigSet(_ name: Bytes, _ fault: String) {
        engine.fail(
            "ERR CONFIG SET failed (possibly related to argument '\(name.string)') - \(fault)")
    }

    /// Changes this core's copy; every core finds the same arguments sound.
    mutating func applyConfigSet(_ call: Invocation) {
        for index in stride(from: 2, to: call.count, by: 2) {
            guard let row = ConfigurationTable.find(call[index]) else { continue }
            let target = ConfigurationTable.resolve(row)
            let value = target.kind.read(
                call[index + 1].string, current: configuration.value(of: target))
            if case .sound(let text) = value { configuration.set(target, to: text) }
        }
        applyConfiguration()
    }
}

extension ConfigurationParameter {
    /// Whether a pattern of CONFIG GET means this setting, in any case of letters.
    fileprivate func matches(_ pattern: Bytes) -> Bool {
        OwnedBytes(pattern.string.lowercased()).withBytes {
            GlobPattern($0).matches(Bytes(name))
        }
    }
}
