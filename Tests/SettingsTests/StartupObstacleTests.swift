import Settings
import Testing

/// What an operator reads when the machine does not let the server start.
@Suite struct StartupObstacleTests {
    @Test(
        arguments: [
            (
                StartupObstacle.uringDisabledBySysctl(value: 2), "kernel.io_uring_disabled is 2",
                "sudo sysctl -w kernel.io_uring_disabled=0"
            ),
            (.uringForbiddenBySeccomp, "seccomp", "--security-opt seccomp=unconfined"),
            (
                .lockedMemoryTooLow(limitBytes: 65_536, neededBytes: 1_048_577),
                "Only 65536 bytes", "ulimit -l 1025"
            ),
            (.descriptorsTooFew(limit: 1024, needed: 10_064), "Only 1024 files", "ulimit -n 10064"),
            (.kernelTooOld(release: "5.10.0-28-amd64"), "5.10.0-28-amd64", "linux-image-amd64"),
            (
                .portInUse(address: "127.0.0.1", port: 6379, setting: "port"),
                "port 6379 of 127.0.0.1", "ss -ltnp 'sport = :6379'"
            ),
            (.addressNotAvailable(address: "192.0.2.1"), "192.0.2.1", "ip -brief address"),
            (.portNotPermitted(port: 80, setting: "port"), "below 1024", "sudo setcap"),
            (
                .dataReadOnly(path: "/data"), "The file system of /data is read-only",
                "`findmnt --target /data`"
            ),
            (
                .dataWithoutRoom(path: "/data", reason: "No space left on device"),
                "no room for the data in /data (No space left on device)", "free some"
            ),
            (
                .dataNotResharded(
                    path: "/data", from: 2, to: 4, reason: "No space left on device"),
                "is that of 2 cores, and could not be written for 4 (No space left on device)",
                "start with --cores 2"
            ),
            (
                .systemCallFailed(name: "io_uring_setup", reason: "Cannot allocate memory"),
                "io_uring_setup failed (Cannot allocate memory)", "--loglevel debug"
            ),
        ])
    func messageNamesCauseAndRemedy(obstacle: StartupObstacle, cause: String, remedy: String) {
        #expect(obstacle.message.contains(cause))
        #expect(obstacle.message.contains(remedy))
        #expect(obstacle.message.hasSuffix("."))
    }

    @Test func exitCodeTellsSettingsFromMachine() {
        #expect(StartupObstacle.portInUse(address: "::1", port: 1, setting: "port").exitCode == 78)
        #expect(StartupObstacle.kernelTooOld(release: "5.4").exitCode == 71)
    }
}
