// TestSidecar.swift: a sidecar with resources of its own in a temporary folder, and a client for it.
import Foundation
import Synchronization
import Testing
import Transport
import Wire

@testable import Sidecar

/// What a test saw of a reply.
struct Reply: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HeaderFields
    let body: String

    /// `ERR_…` of a sidecar's error.
    var errorCode: String? {
        body.split(separator: "\"").map(String.init).first { $0.hasPrefix("ERR_") }
    }
    var description: String { "\(status) \(body)" }
}

struct TestSidecar: Sendable {
    let sidecar: EmbeddedSidecar
    let broker: SharedBroker
    let apps: AppRegistry
    let folder: String
    let log: TestLog
    private let client: HTTPClient

    func send(
        _ method: HTTPMethod, _ target: String, headers: [(name: String, value: String)] = [],
        body: String = ""
    ) async throws -> Reply {
        let request = HTTPClientRequest(
            origin: HTTPOrigin(host: "127.0.0.1", port: sidecar.httpPort), method: method, target: target,
            headers: headers, body: Array(body.utf8))
        let response = try await client.send(request, within: .seconds(20))
        return Reply(status: response.status, headers: response.headers, body: response.body.text)
    }

    /// Starts a sidecar, runs the body, stops it and removes its folder.
    static func with(
        _ yaml: [String], appID: String = "app", appPort: Int? = nil, broker: SharedBroker = SharedBroker(),
        apps: AppRegistry = AppRegistry(), locks: SharedLocks = SharedLocks(), files: [String: String] = [:],
        configure: (inout SidecarConfiguration) -> Void = { _ in },
        _ body: (TestSidecar) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder + "/components", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (index, text) in yaml.enumerated() {
            try text.write(toFile: "\(folder)/components/\(index).yaml", atomically: true, encoding: .utf8)
        }
        for (name, text) in files {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let log = TestLog()
        var configuration = SidecarConfiguration(
            appID: appID, appPort: appPort, httpPort: 0, resourceFolders: ["\(folder)/components"])
        configuration.workingFolder = folder
        configuration.log = { entry in log.append(entry) }
        configure(&configuration)
        let sidecar = try EmbeddedSidecar.start(configuration, broker: broker, apps: apps, locks: locks)
        let loop = try EventLoop()
        let thread = try LoopThread.start(loop, name: "test-client")
        let client = HTTPClient(loop: loop, options: .standard)
        let test = TestSidecar(
            sidecar: sidecar, broker: broker, apps: apps, folder: folder, log: log, client: client)
        let outcome = await Result { try await body(test) }
        await sidecar.stop(drainingAtMost: .seconds(5))
        loop.execute { client.close() }
        thread.stop()
        try outcome.get()
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

final class TestLog: Sendable {
    private let entries = Mutex<[SidecarLogEntry]>([])

    func append(_ entry: SidecarLogEntry) { entries.withLock { $0.append(entry) } }
    func messages(_ level: SidecarLogEntry.Level) -> [String] {
        entries.withLock { $0.filter { $0.level == level }.map(\.message) }
    }
}

enum YAML {
    static func component(_ name: String, _ type: String, _ metadata: [String: String] = [:]) -> String {
        let items = metadata.sorted { $0.key < $1.key }.map { "{ name: \($0.key), value: \"\($0.value)\" }" }
        return """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: \(name) }
            spec: { type: \(type), version: v1, metadata: [\(items.joined(separator: ", "))] }

            """
    }

    static let memoryState = component("statestore", "state.in-memory")
    static let sqliteState = component("statestore", "state.sqlite", ["connectionString": "state.db"])
    static let pubsub = component("pubsub", "pubsub.in-memory")

    /// An inbound retry policy for `pubsub`.
    static func retry(_ policy: String) -> String {
        """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec:
          policies:
            timeouts: { short: 300ms }
            retries: { r: { \(policy) } }
          targets: { components: { pubsub: { inbound: { retry: r } } } }

        """
    }
}
