import Settings
import Testing

/// Changing single values of a file and nothing else.
@Suite struct SettingsFileTextTests {
    private func edited(_ text: String, _ edit: (inout SettingsFileText) -> Void) -> String {
        var file = SettingsFileText(text)
        edit(&file)
        return file.text
    }

    private static let sample = """
        # A node of the test cluster.
        host: [127.0.0.1, 10.0.0.5]   # both

        "requirepass" : 'it''s # a secret'  # ask Ann
        maxclients: 500
        # CPUs
        cpus:
          - 2
          # not 3
          - 4

        # The end.

        """

    @Test func whatIsNotChangedStays() {
        #expect(edited(Self.sample) { _ in } == Self.sample)
        #expect(edited("") { _ in } == "")
        #expect(edited("a: 1\r\nb: 2\r\n") { _ in } == "a: 1\r\nb: 2\r\n")
        #expect(edited("a: 1") { _ in } == "a: 1\n")
    }

    @Test func aValueIsChangedWhereItStands() {
        let changed = edited(Self.sample) {
            $0.set("maxclients", to: "600")
            $0.set("requirepass", to: "new: #1")
            $0.set("host", to: "::1")
        }
        #expect(
            changed == """
                # A node of the test cluster.
                host: '::1' # both

                requirepass: 'new: #1' # ask Ann
                maxclients: 600
                # CPUs
                cpus:
                  - 2
                  # not 3
                  - 4

                # The end.

                """)
    }

    @Test func aListBecomesOneLineAndKeepsItsComments() {
        let changed = edited(Self.sample) { $0.set("cpus", to: "0-1") }
        #expect(changed.contains("# CPUs\ncpus: 0-1\n  # not 3\n\n# The end.\n"))
        let dashes = edited("cpus:\n- 2\n- 3\nport: 1\n") { $0.set("cpus", to: "5") }
        #expect(dashes == "cpus: 5\nport: 1\n")
        let flow = edited("cpus: [2,\n  3]\nport: 1\n") { $0.set("cpus", to: "5") }
        #expect(flow == "cpus: 5\nport: 1\n")
    }

    @Test func aNewKeyGoesToTheEnd() {
        #expect(edited("") { $0.set("timeout", to: "5") } == "timeout: 5\n")
        #expect(edited("port: 1") { $0.set("timeout", to: "5") } == "port: 1\ntimeout: 5\n")
        #expect(
            edited("---\nport: 1\n...\n") { $0.set("timeout", to: "5") }
                == "---\nport: 1\ntimeout: 5\n...\n")
    }

    @Test func aKeyIsTakenOut() {
        #expect(
            edited("a: 1\nrequirepass: x # old\n# kept\nb: 2\n") { $0.remove("requirepass") }
                == "a: 1\n# kept\nb: 2\n")
        #expect(edited("a: 1\n") { $0.remove("b") } == "a: 1\n")
    }

    @Test func onlyKeysOfTheFirstLevelAreMeant() {
        let text = "note: |\n  port: 1\nport: 2\n# port: 3\n"
        #expect(
            edited(text) { $0.set("port", to: "4") } == "note: |\n  port: 1\nport: 4\n# port: 3\n")
    }

    @Test(
        arguments: [
            ("500", "500"), ("allkeys-lru", "allkeys-lru"), ("-1", "-1"), ("", "''"),
            ("null", "'null'"), ("~", "'~'"), ("a b", "a b"), (" a", "' a'"), ("-x", "'-x'"),
            ("it's", "'it''s'"), ("a: b", "'a: b'"), ("#x", "'#x'"), ("a\nb", "\"a\\nb\""),
            ("\u{7F}", "\"\\x7f\""), ("ü", "'ü'"), ("normal 1 2 3", "normal 1 2 3"),
        ])
    func valuesAreQuotedWhereTheyMustBe(value: String, written: String) {
        #expect(edited("") { $0.set("k", to: value) } == "k: \(written)\n")
    }
}
