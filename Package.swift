// swift-tools-version: 6.2
// Package.swift: the rooms of Patchbay and the direction of the arrows between them.
//
// Law 1: no `.package(…)`. Law 9: a room imports only rooms of a lower layer; `Tests/TidyTests` reads
// this file and the sources and fails when an arrow points upward.
import PackageDescription

/// One list for every target, so that none opts out.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
/// For the rooms that touch raw memory: every unsafe use is marked and argued.
let strict = settings + [.strictMemorySafety()]

let package = Package(
    name: "patchbay",
    targets: [
        // layer 0: words and places, and the system's C libraries
        .target(name: "Diagnostics", swiftSettings: settings),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // Its C++ inside is the system's libre2-dev.
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // layer 1: pure
        .target(name: "Machine", dependencies: ["Diagnostics", "COpenSSL", "CRE2"], swiftSettings: strict),
        .target(name: "Wire", swiftSettings: strict),

        // layer 2
        .target(name: "Routing", dependencies: ["Diagnostics", "Machine"], swiftSettings: strict),
        .target(name: "Tokens", dependencies: ["Machine"], swiftSettings: settings),
        .target(name: "Transport", dependencies: ["Wire", "CLinux"], swiftSettings: strict),
        .target(name: "DaprContract", swiftSettings: settings),

        // layer 3
        .target(
            name: "Language", dependencies: ["Diagnostics", "Machine", "Routing", "Tokens"], swiftSettings: settings),
        .target(
            name: "Postgres", dependencies: ["Machine", "Transport", "CPostgres"], swiftSettings: strict),
        .target(
            name: "Dapr", dependencies: ["Machine", "Wire", "Transport", "DaprContract"],
            swiftSettings: settings),

        // layer 4
        .target(
            name: "Engine",
            dependencies: [
                "Diagnostics", "Machine", "Wire", "Routing", "Tokens", "Transport", "DaprContract", "Language",
                "Postgres", "Dapr",
            ], swiftSettings: settings),
        .target(
            name: "Sidecar",
            dependencies: ["Machine", "Wire", "Transport", "DaprContract", "CSQLite", "CYAML"],
            swiftSettings: settings),

        // layer 5
        .target(
            name: "DevEnvironment",
            dependencies: [
                "Diagnostics", "Machine", "Wire", "Transport", "Language", "Postgres", "Dapr", "Engine", "Sidecar",
            ],
            swiftSettings: settings),
        .target(
            name: "Bench", dependencies: ["Diagnostics", "Machine", "Routing", "Tokens", "Transport", "Language"],
            swiftSettings: settings),

        // layer 6
        .executableTarget(
            name: "patchbay",
            dependencies: [
                "Diagnostics", "Machine", "Wire", "Routing", "Transport", "Language", "Dapr", "Engine", "Sidecar",
                "DevEnvironment", "Bench",
            ], swiftSettings: settings),

        .testTarget(name: "BenchTests", dependencies: ["Bench", "Machine"], swiftSettings: settings),
        .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: settings),
        .testTarget(
            name: "MachineTests", dependencies: ["Machine", "Diagnostics"], swiftSettings: settings),
        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: settings),
        .testTarget(
            name: "RoutingTests", dependencies: ["Routing", "Machine", "Diagnostics"],
            swiftSettings: settings),
        .testTarget(name: "TokensTests", dependencies: ["Tokens", "Machine"], swiftSettings: settings),
        .testTarget(
            name: "TransportTests", dependencies: ["Transport", "Wire"], swiftSettings: settings),
        .testTarget(
            name: "LanguageTests", dependencies: ["Language", "Machine", "Routing", "Diagnostics"],
            swiftSettings: settings),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["Postgres", "DevEnvironment", "Diagnostics", "Machine", "Transport"],
            swiftSettings: settings),
        .testTarget(
            name: "DaprTests",
            dependencies: ["Dapr", "DaprContract", "Machine", "Wire", "Transport", "Sidecar"],
            swiftSettings: settings),
        .testTarget(
            name: "SidecarTests",
            dependencies: ["Sidecar", "DaprContract", "Machine", "Wire", "Transport"],
            swiftSettings: settings),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "Language", "Sidecar", "Machine", "Wire", "Transport", "Diagnostics", "Postgres",
                "Dapr", "Routing", "Tokens", "DevEnvironment",
            ], swiftSettings: settings),
        .testTarget(name: "EditorsTests", swiftSettings: settings),
        .testTarget(name: "PatchbayTests", dependencies: ["patchbay"], swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
