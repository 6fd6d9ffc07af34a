// PeerTests.swift: programs that we did not write, against a sidecar: curl, sqlite3 and Dapr's own SDK for Python.
import Foundation
import Testing
import Wire

@testable import Sidecar

struct PeerTests {
    private struct Outcome {
        let status: Int32
        let output: String
    }

    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    /// A python with the SDK, from `Tests/Peers/install-dapr-sdk`.
    private static let python = ProcessInfo.processInfo.environment["PATCHBAY_DAPR_PYTHON"]

    private static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (process: Process, output: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }

    /// All that it prints until it ends. Reads on a thread of its own, so that no thread of the test pool is held.
    private static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Outcome {
        let (process, output) = try start(program, arguments, environment: environment)
        return Outcome(status: await status(of: process), output: await text(of: output))
    }

    private static func text(of output: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            Thread {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }.start()
        }
    }

    /// Its exit status; it is killed when it does not end.
    private static func status(of process: Process) async -> Int32 {
        if await !eventually({ !process.isRunning }) {
            kill(process.processIdentifier, SIGKILL)
            guard await eventually({ !process.isRunning }) else { return -1 }
        }
        return process.terminationStatus
    }

    private func curl(_ sidecar: TestSidecar, _ path: String, _ arguments: String...) async throws -> String {
        let address = "http://127.0.0.1:\(sidecar.sidecar.httpPort)\(path)"
        return try await Self.run(
            "curl", ["-sS", "-m", "10", "-w", "|%{http_code}|%header{etag}", address] + arguments
        ).output
    }

    @Test func `curl reads, writes, guards and deletes`() async throws {
        try await TestSidecar.with([YAML.sqliteState, YAML.pubsub]) { sidecar in
            let state = "/v1.0/state/statestore"
            #expect(try await curl(sidecar, state, "-d", #"[{"key":"k","value":{"a":1}}]"#) == "|204|")
            let item = try await curl(sidecar, state + "/k").split(separator: "|").map(String.init)
            #expect(item.count == 3 && item[0] == #"{"a":1}"# && item[1] == "200")
            let wrong = try await curl(sidecar, state + "/k", "-X", "DELETE", "-H", "If-Match: wrong")
            #expect(wrong.contains("ERR_STATE_DELETE") && wrong.contains("|409|"))
            #expect(
                try await curl(sidecar, state + "/k", "-X", "DELETE", "-H", "If-Match: \(item[2])") == "|204|"
            )
            #expect(try await curl(sidecar, "/v1.0/publish/pubsub/t", "-d", "{}") == "|204|")
            #expect(try await curl(sidecar, "/v1.0/healthz", "--http1.0") == "|204|")
            let chunked = try await curl(
                sidecar, state, "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue", "-d",
                #"[{"key":"c","value":2}]"#)
            #expect(chunked == "|204|")
        }
    }

    @Test(
        .enabled(if: PeerTests.python != nil, "needs PATCHBAY_DAPR_PYTHON, see Tests/Peers/install-dapr-sdk"))
    func `the SDK for Python waits for health and invokes through the sidecar`() async throws {
        let callee = try TestApp.start { call, _ in
            .reply(
                200,
                "\(call.body) \(call.query ?? "") \(call.headers["x-from-sdk"] ?? "") "
                    + (call.headers["dapr-caller-app-id"] ?? ""))
        }
        defer { callee.stop() }
        let apps = AppRegistry()
        apps.register("callee", AppRegistry.Entry(host: "127.0.0.1", port: callee.port))
        try await TestSidecar.with([], apps: apps, configure: { $0.apiToken = "tok123" }) { sidecar in
            let outcome = try await Self.run(
                Self.python ?? "", ["\(Self.root)/Tests/Peers/dapr_client.py", "callee", "m/x"],
                environment: ["DAPR_HTTP_PORT": "\(sidecar.sidecar.httpPort)", "DAPR_API_TOKEN": "tok123"])
            #expect(outcome.status == 0)
            #expect(outcome.output == "{\"a\":1} colour=light+blue yes app\n")
        }
    }

    @Test(
        .enabled(if: PeerTests.python != nil, "needs PATCHBAY_DAPR_PYTHON, see Tests/Peers/install-dapr-sdk"))
    func `an app written with the SDK gets its events, retries and dead letters`() async throws {
        let place = try TestApp.start { _, _ in .reply(200, "") }
        let port = place.port
        place.stop()
        let (process, output) = try Self.start(
            Self.python ?? "", ["\(Self.root)/Tests/Peers/dapr_app.py", "\(port)", "orders", "dead"])
        // Not SIGTERM: a child of a pool's thread inherits its blocked signals.
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        let yaml = [YAML.pubsub, YAML.retry("duration: 10ms, maxRetries: 3")]
        try await TestSidecar.with(yaml, appPort: port) { sidecar in
            await sidecar.sidecar.untilReady()
            for (id, data) in [("1", "plain"), ("2", "flaky"), ("3", "drop")] {
                let reply = try await sidecar.send(
                    .post, "/v1.0/publish/pubsub/orders?metadata.cloudevent.id=\(id)",
                    headers: [("content-type", "text/plain")], body: data)
                #expect(reply.status == 204)
            }
            #expect(await eventually { sidecar.sidecar.counters.acknowledged == 3 })
            #expect(sidecar.sidecar.counters.retried == 1 && sidecar.sidecar.counters.deadLettered == 1)
        }
        kill(process.processIdentifier, SIGKILL)
        _ = await Self.status(of: process)
        let lines = await Self.text(of: output)
        let expected = [
            "dead 3 drop", "event 1 plain app", "event 2 flaky app", "event 2 flaky app", "event 3 drop app",
        ]
        #expect(lines.split(separator: "\n").map(String.init).sorted() == expected)
    }
}
