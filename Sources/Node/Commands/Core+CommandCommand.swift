// COMMAND: the table of commands as clients read it.

import Base
import Engine

extension Core {
    mutating func runCommandCommand(_ call: Invocation) {
        switch call.command {
        case .command: describeCommands(call, from: call.count)
        case .commandInfo: describeCommands(call, from: 2)
        case .commandCount: engine.reply.integer(CommandTable.rows.count { $0.container == nil })
        case .commandDocs: documentCommands(call)
        case .commandList: listCommands(call)
        case .commandGetKeys, .commandGetKeysAndFlags: findKeys(call)
        default: help(.command)
        }
    }

    /// The command or "container|subcommand" of that name.
    private func findRow(_ name: Bytes) -> Command? {
        CommandTable.rows.first { name.equalsIgnoringCase($0.name) }
    }

    // MARK: COMMAND INFO

    /// COMMAND, COMMAND INFO [name …]
    private mutating func describeCommands(_ call: Invocation, from first: Int) {
        if first >= call.count {
            let rows = CommandTable.rows.filter { $0.container == nil }
            engine.reply.array(rows.count)
            for row in rows { describe(row) }
            return
        }
        engine.reply.array(call.count - first)
        for index in first..<call.count {
            if let row = findRow(call[index]) {
                describe(row)
            } else {
                engine.reply.null()
            }
        }
    }

    private mutating func describe(_ row: Command) {
        let keys = row.keyRange
        engine.reply.array(10)
        engine.reply.bulk(row.name)
        engine.reply.integer(row.arity)
        writeSet(WordList(flagsOf: row))
        engine.reply.integer(keys.first)
        engine.reply.integer(keys.last)
        engine.reply.integer(keys.step)
        writeSet(WordList(categoriesOf: row))
        engine.reply.set(0)
        describeKeys(row)
        let subcommands = CommandTable.rows.filter { $0.isSubcommand(of: row) }
        engine.reply.array(subcommands.count)
        for subcommand in subcommands { describe(subcommand) }
    }

    private mutating func writeSet(_ list: WordList) {
        engine.reply.set(list.words.count)
        for word in list.words { engine.reply.simple(word) }
    }

    /// The key specifications: where keys begin, how the others are found, and what is done to
    /// them.
    private mutating func describeKeys(_ row: Command) {
        switch row.keys {
        case .none: engine.reply.set(0)
        case .counted(let at, let first):
            engine.reply.set(1)
            describeCountedKeys(row, key: 0, at: at, first: first)
        case .targetAndCounted:
            engine.reply.set(2)
            beginKeySpecification(row, key: 0, index: 1)
            describeOneKey()
            describeCountedKeys(row, key: 1, at: 2, first: 3)
        case .firstAndStore(let from):
            engine.reply.set(3)
            beginKeySpecification(row, key: 0, index: 1)
            describeOneKey()
            for word: StaticString in ["STORE", "STOREDIST"] {
                beginKeySpecification(row, key: 1, word: word, from: from)
                describeOneKey()
            }
        case .firstAndSorted: describeSortedKeys(row)
        case .range where row.id == .sortReadOnly: describeSortedKeys(row)
        case .range(let first, let last, let step):
            // Keys that are used differently have a specification each.
            let isPair = first == 1 && last == 2 && row.flags.contains(.write)
            let isSplit = isPair || row.hasTargetFirst
            engine.reply.set(isSplit ? 2 : 1)
            for key in 0...(isSplit ? 1 : 0) {
                beginKeySpecification(row, key: key, index: first + key)
                engine.reply.bulk("range")
                engine.reply.bulk("spec")
                engine.reply.map(3)
                let isAlone = isPair || isSplit && key == 0
                writeField("lastkey", isAlone ? 0 : last < 0 ? last : last - first)
                writeField("keystep", step)
                writeField("limit", 0)
            }
        }
    }

    /// SORT's: the keys that patterns name cannot be told, and STORE may stand anywhere.
    private mutating func describeSortedKeys(_ row: Command) {
        let isStoring = row.id == .sort
        engine.reply.set(isStoring ? 3 : 2)
        beginKeySpecification(row, key: 0, index: 1)
        describeOneKey()
        describeUnknownKeys(row, key: 0, "The elements name the keys that BY and GET read.")
        if isStoring { describeUnknownKeys(row, key: 1, "STORE may stand behind any option.") }
    }

    private mutating func describeUnknownKeys(_ row: Command, key: Int, _ note: StaticString) {
        engine.reply.map(4)
        engine.reply.bulk("notes")
        engine.reply.bulk(note)
        engine.reply.bulk("flags")
        writeSet(WordList(usageOf: row, key: key))
        for part: StaticString in ["begin_search", "find_keys"] {
            engine.reply.bulk(part)
            engine.reply.map(2)
            engine.reply.bulk("type")
            engine.reply.bulk("unknown")
            engine.reply.bulk("spec")
            engine.reply.map(0)
        }
    }

    /// How the other keys are found: there are none.
    private mutating func describeOneKey() {
        engine.reply.bulk("range")
        engine.reply.bulk("spec")
        engine.reply.map(3)
        writeField("lastkey", 0)
        writeField("keystep", 1)
        writeField("limit", 0)
    }

    private mutating func describeCountedKeys(_ row: Command, key: Int, at: Int, first: Int) {
        beginKeySpecification(row, key: key, index: at)
        engine.reply.bulk("keynum")
        engine.reply.bulk("spec")
        engine.reply.map(3)
        writeField("keynumidx", 0)
        writeField("firstkey", first - at)
        writeField("keystep", 1)
    }

    /// The keys are found behind an index…
    private mutating func beginKeySpecification(_ row: Command, key: Int, index: Int) {
        beginSearch(row, key: key, "index", fieldCount: 1)
        writeField("index", index)
        beginFinding()
    }

    /// … or behind a word.
    private mutating func beginKeySpecification(
        _ row: Command, key: Int, word: StaticString, from: Int
    ) {
        beginSearch(row, key: key, "keyword", fieldCount: 2)
        engine.reply.bulk("keyword")
        engine.reply.bulk(word)
        writeField("startfrom", from)
        beginFinding()
    }

    /// A key specification, up to the fields of its search.
    private mutating func beginSearch(
        _ row: Command, key: Int, _ type: StaticString, fieldCount: Int
    ) {
        engine.reply.map(3)
        engine.reply.bulk("flags")
        writeSet(WordList(usageOf: row, key: key))
        engine.reply.bulk("begin_search")
        engine.reply.map(2)
        engine.reply.bulk("type")
        engine.reply.bulk(type)
        engine.reply.bulk("spec")
        engine.reply.map(fieldCount)
    }

    /// How keys are found from there on, up to the type of that.
    private mutating func beginFinding() {
        engine.reply.bulk("find_keys")
        engine.reply.map(2)
        engine.reply.bulk("type")
    }

    private mutating func writeField(_ name: StaticString, _ value: Int) {
        engine.reply.bulk(name)
        engine.reply.integer(value)
    }

    // MARK: COMMAND DOCS

    /// COMMAND DOCS [name …]: names that no command has are left out.
    private mutating func documentCommands(_ call: Invocation) {
        var rows: [Command] = []
        if call.count == 2 {
            rows = CommandTable.rows.filter { $0.container == nil }
        } else {
            for index in 2..<call.count {
                if let row = findRow(call[index]) { rows.append(row) }
            }
        }
        engine.reply.map(rows.count)
        for row in rows { document(row) }
    }

    private mutating func document(_ row: Command) {
        let subcommands = CommandTable.rows.filter { $0.isSubcommand(of: row) }
        engine.reply.bulk(row.name)
        engine.reply.map(subcommands.isEmpty ? 4 : 5)
        engine.reply.bulk("summary")
        engine.reply.bulk(row.summary)
        engine.reply.bulk("since")
        engine.reply.bulk(row.since)
        engine.reply.bulk("group")
        engine.reply.bulk(row.group.rawValue)
        engine.reply.bulk("complexity")
        engine.reply.bulk(row.complexity)
        if subcommands.isEmpty { return }
        engine.reply.bulk("subcommands")
        engine.reply.map(subcommands.count)
        for subcommand in subcommands { document(subcommand) }
    }

    // MARK: COMMAND LIST

    /// COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]
    private mutating func listCommands(_ call: Invocation) {
        if call.count == 2 {
            writeNames { _ in true }
            return
        }
        guard call.count == 5, call[2].equalsIgnoringCase("filterby") else {
            engine.fail(.syntax)
            return
        }
        let value = call[4]
        if call[3].equalsIgnoringCase("module") {
            engine.reply.array(0)
        } else if call[3].equalsIgnoringCase("aclcat") {
            let category = "@" + value.string.lowercased()
            writeNames { WordList(categoriesOf: $0).words.contains(category) }
        } else if call[3].equalsIgnoringCase("pattern") {
            let pattern = OwnedBytes(value.string.lowercased())
            writeNames { row in
                pattern.withBytes { GlobPattern($0).matches(Bytes(row.name)) }
            }
        } else {
            engine.fail(.syntax)
        }
    }

    private mutating func writeNames(_ isWanted: (Command) -> Bool) {
        let rows = CommandTable.rows.filter(isWanted)
        engine.reply.array(rows.count)
        for row in rows { engine.reply.bulk(row.name) }
    }

    // MARK: COMMAND GETKEYS

    /// COMMAND GETKEYS | GETKEYSANDFLAGS command [argument …]
    private mutating func findKeys(_ call: Invocation) {
        var pipeline = Pipeline()
        for index in 2..<call.count { pipeline.arguments.append(call[index]) }
        var request = Request(firstArgument: 0, argumentCount: call.count - 2)
        engine.route(&request, pipeline.arguments)
        switch request.route {
        case .unknown, .unknownSubcommand: engine.fail("ERR Invalid command specified")
        case .arity: engine.fail("ERR Invalid number of arguments specified for command")
        case .core, .cores, .patterns, .blocking, .blockingCores, .node:
            var places = KeyArguments(
                engine.commands.traits(request.command), request, pipeline.arguments)
            let row = request.command.row
            var keys: [Bytes] = []
            if !row.namesShardChannels {
                while let place = places.next() { keys.append(call[2 + place]) }
            }
            // A count that promises more keys than there are arguments is refused.
            if case .counted(let at, _) = row.keys,
                call[2 + at].canonicalInteger != Int64(keys.count)
            {
                keys.removeAll()
            }
            writeKeys(keys, of: row, call.command == .commandGetKeysAndFlags)
        }
    }

    private mutating func writeKeys(_ keys: [Bytes], of row: Command, _ hasFlags: Bool) {
        // A target alone lacks the keys of the second specification.
        if keys.isEmpty || row.hasTargetFirst && keys.count == 1 {
            let hasKeys = if case .none = row.keys { false } else { !row.namesShardChannels }
            engine.fail(
                hasKeys
                    ? "ERR Invalid arguments specified for command"
                    : "ERR The command has no key arguments")
            return
        }
        engine.reply.array(keys.count)
        for (place, key) in keys.enumerated() {
            if hasFlags { engine.reply.array(2) }
            engine.reply.bulk(key)
            if hasFlags { writeSet(WordList(usageOf: row, key: place)) }
        }
    }
}
