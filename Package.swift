// swift-tools-version: 6.2
import PackageDescription

/// Every target: the compiler as the first reviewer (docs/STYLE.md, "The compiler").
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Modules on the request path: a hidden heap allocation or retain is an error as well.
let hot: [SwiftSetting] = strict + [.treatWarning("PerformanceHints", as: .error)]

let package = Package(
    name: "gyre",
    products: [
        .executable(name: "gyre", targets: ["gyre"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        // Shims over Debian's C libraries.
        .systemLibrary(name: "CUring", pkgConfig: "liburing", providers: [.apt(["liburing-dev"])]),
        .systemLibrary(
            name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CIntrinsics"),

        // Pure modules: no system call, no clock, no randomness of their own.
        .target(name: "Settings", swiftSettings: strict),
        .target(name: "Base", swiftSettings: hot),
        .target(
            name: "Log", dependencies: ["Base", "CIntrinsics", "CXXHash", "CLZ4"],
            swiftSettings: hot),
        .target(name: "Layouts", dependencies: ["Base", "Log"], swiftSettings: strict),
        .target(name: "Raft", dependencies: ["Base", "Log"], swiftSettings: strict),
        .target(name: "RDB", dependencies: ["Base"], swiftSettings: hot),
        .target(name: "Gossip", dependencies: ["Base"], swiftSettings: hot),
        .target(name: "Placement", dependencies: ["Base", "CXXHash"], swiftSettings: hot),
        .target(
            name: "Wire",
            dependencies: ["Base", "CXXHash", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: hot),
        .target(
            name: "Engine",
            dependencies: ["Base", "RDB", "Placement", "Log", "CIntrinsics", "CXXHash", "CLZ4"],
            swiftSettings: hot),
        .target(
            name: "Node", dependencies: ["Base", "Placement", "Log", "Engine"], swiftSettings: hot),

        // Shells: the kernel, and the simulated one.
        .target(name: "Uring", dependencies: ["Base", "CUring"], swiftSettings: hot),
        .target(
            name: "Runtime",
            dependencies: [
                "Base", "Settings", "Placement", "Log", "Layouts", "Engine", "Node", "Uring",
            ],
            swiftSettings: hot),
        .target(
            name: "Simulator", dependencies: ["Base", "Placement", "Engine", "Node"],
            swiftSettings: strict),

        .executableTarget(
            name: "gyre",
            dependencies: [
                "Base", "Log", "Layouts", "RDB", "Runtime", "Settings", "Uring", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Micro-benchmarks of the pure modules.
        .executableTarget(
            name: "ring-lookup", dependencies: ["Base", "Placement"],
            path: "Benchmarks/RingLookup", swiftSettings: strict),

        .executableTarget(
            name: "micro",
            dependencies: ["Base", "Log", "Placement", "Engine", "Node", "Runtime", "Uring"],
            path: "Benchmarks/Micro", swiftSettings: strict),

        // The request path without a kernel: instruction budgets, longest turns.
        .target(
            name: "BenchmarkSupport", dependencies: ["Base", "Log", "Placement", "Node", "Uring"],
            path: "Benchmarks/Support", swiftSettings: strict),
        .executableTarget(
            name: "budget", dependencies: ["Base", "BenchmarkSupport"], path: "Benchmarks/Budget",
            exclude: ["thresholds.txt"], swiftSettings: strict),
        .executableTarget(
            name: "turns", dependencies: ["Base", "BenchmarkSupport", "Uring"],
            path: "Benchmarks/Turns", swiftSettings: strict),

        // Measuring instruments.
        .executableTarget(
            name: "floor", dependencies: ["Uring"], path: "Benchmarks/Floor",
            swiftSettings: strict),
        .executableTarget(
            name: "load", dependencies: ["Base", "Uring"], path: "Benchmarks/Load",
            swiftSettings: strict),
        .executableTarget(
            name: "side-by-side", dependencies: ["Base", "Uring"], path: "Benchmarks/SideBySide",
            swiftSettings: strict),

        .testTarget(name: "BaseTests", dependencies: ["Base"], swiftSettings: strict),
        .testTarget(
            name: "RDBTests", dependencies: ["Base", "RDB", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LogTests", dependencies: ["Base", "Log", "Layouts", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "RaftTests", dependencies: ["Base", "Log", "Raft"], exclude: ["Scenarios"],
            swiftSettings: strict),
        .testTarget(
            name: "GossipTests", dependencies: ["Base", "Gossip", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PlacementTests", dependencies: ["Base", "Placement"], swiftSettings: strict),
        .testTarget(
            name: "WireTests", dependencies: ["Base", "Wire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "NodeTests", dependencies: ["Base", "Placement", "Log", "Node", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests", dependencies: ["Base", "RDB", "Placement", "Log", "Engine"],
            exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Node", "Simulator"], swiftSettings: strict),
        .testTarget(name: "UringTests", dependencies: ["Base", "Uring"], swiftSettings: strict),
        .testTarget(
            name: "RuntimeTests", dependencies: ["Node", "Runtime", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: strict),
        .testTarget(
            name: "GyreTests", dependencies: ["Base", "Log", "RDB", "gyre", "Settings"],
            swiftSettings: strict),
        .testTarget(
            name: "LintTests", exclude: ["pointer-files.txt"], swiftSettings: strict),

        // The release build under callgrind.
        .testTarget(
            name: "BudgetTests", dependencies: ["TestSupport"], swiftSettings: strict),

        // Whole servers on real sockets: the reference and Gyre, and the tools users bring.
        .target(
            name: "TestSupport", dependencies: ["Base"], path: "Tests/Support",
            swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests", dependencies: ["Base", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport"], resources: [.copy("Resources")],
            swiftSettings: strict),
    ]
)
