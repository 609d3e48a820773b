import Testing

@testable import Settings

/// The text forms of single values.
@Suite struct ValueTests {
    @Test(arguments: [
        ("0", [0]), ("0,2-5", [0, 2, 3, 4, 5]), ("7,1-1", [7, 1]), ("8191", [8191]),
    ])
    func listOfCPUsIsRead(text: String, cpus: [Int]) {
        #expect(CPUList.parse(text) == cpus)
    }

    @Test(arguments: [
        ([0], "0"), ([0, 1], "0-1"), ([0, 2, 3, 4], "0,2-4"), ([3, 1, 2], "3,1-2"),
    ])
    func listOfCPUsIsWrittenAndReadBack(cpus: [Int], text: String) {
        #expect(CPUList.format(cpus) == text)
        #expect(CPUList.parse(text) == cpus)
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.255.0.3", true), ("::1", true), ("0:0:0:0:0:0:0:1", true),
            ("0.0.0.0", false), ("192.168.1.4", false), ("::", false), ("fe80::1", false),
            ("::2", false),
        ])
    func loopbackIsToldFromTheRest(text: String, isLoopback: Bool) {
        #expect(BindAddress(text)?.isLoopback == isLoopback)
    }

    @Test func wordsStandForAddresses() {
        #expect(BindAddress.parseList("localhost")?.map(\.description) == ["127.0.0.1", "-::1"])
        #expect(BindAddress.parseList("*")?.map(\.description) == ["0.0.0.0", "-::"])
    }

    @Test func nearestNameNeedsFewEdits() {
        #expect(Spelling.distance("kitten", "sitting") == 3)
        #expect(Spelling.findNearest(to: "prot", among: ["host", "port"]) == "port")
        #expect(Spelling.findNearest(to: "replicas", among: ["host", "port"]) == nil)
    }
}
