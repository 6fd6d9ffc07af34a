// KilledEngineTests.swift: the engine itself is killed in the middle of its work, and nothing is done twice or lost.

import Dapr
import Foundation
import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

@Suite(.serialized, .databaseServer)
struct KilledEngineTests {
    /// The program that is at work now, and where it listens.
    private final class Running: Sendable {
        private let state = Mutex<(program: Program, port: Int)?>(nil)
        let folder: TemporaryFolder
        let sidecar: FakeSidecar
        let control: ControlThread

        init(routes: String) throws {
            folder = try TemporaryFolder()
            try folder.write("app/routes.bay", routes)
            sidecar = try FakeSidecar()
            control = try ControlThread()
        }

        var port: Int { state.withLock { $0?.port ?? 0 } }

        func start() async throws {
            let program = try await Program(
                [
                    "run", "app", "--public-port", "0", "--app-port", "0", "--admin-port", "0", "--loops", "2",
                    "--app-id", "app", "--dapr-http-port", "\(sidecar.port)",
                ], in: folder.path, on: control)
            try await eventually("it is ready") { program.errors.contains(" ready ") }
            let text = program.errors
            let found = try #require(text.range(of: " app=[0-9.]*:[0-9]+", options: .regularExpression))
            let port = try #require(text[found].split(separator: ":").last.flatMap { Int($0) })
            state.withLock { $0 = (program, port) }
        }

        func end(by signal: Int32) async throws {
            guard let program = state.withLock({ $0?.program }) else { return }
            try await program.signal(signal)
            try await eventually("it is gone") { try await !program.isRunning }
        }

        /// Whether the event was taken.
        func deliver(_ id: String) async throws -> Bool {
            let reply = try? await control.send(
                .post, port: port, AppChannel.deliveryPath(pubsub: "bus", topic: "things"),
                headers: [("content-type", "application/cloudevents+json")],
                body: Array(EngineUnderTest.event("do", id: id).utf8), within: .seconds(20))
            return reply?.json["status"]?.string == "SUCCESS"
        }
    }

    @Test func `killed three times, each of 240 events counts once and is told of with one id`() async throws {
        let server = try #require(DatabaseServer.running)
        let schema = try await server.schema()
        try await schema.run("CREATE TABLE $counter (n int NOT NULL)")
        try await schema.run("INSERT INTO $counter VALUES (0)")
        let running = try Running(
            routes: """
                database shop = \(schema.target)
                topic audit = "bus/audit"
                subscribe "bus/things" (dead_letter: "dead", once: shop) {
                  on "do" {
                    transaction shop {
                      shop.exec "UPDATE counter SET n = n + 1"
                      audit.publish({ id: event.id })
                    }
                  }
                }

                """)
        try await running.start()
        let again = try await Redelivery.run {
            try await running.deliver($0)
        } kill: {
            try await running.end(by: SIGKILL)
            try await running.start()
        }
        try await eventually("the outbox is empty") {
            try await schema.number("SELECT count(*) FROM $patchbay_outbox") == 0
        }
        #expect(again > 0, "the kills hit nothing")
        #expect(try await schema.number("SELECT n FROM $counter") == 240)
        #expect(try await schema.number("SELECT count(*) FROM $patchbay_inbox") == 240)
        let told = running.sidecar.calls(to: "/v1.0/publish/").map(\.json)
        #expect(Set(told.map { $0["data"]?["id"]?.string }).count == 240)
        #expect(Set(told.map { $0["id"]?.string }).count == 240)
        try await running.end(by: SIGTERM)
        await running.sidecar.stop()
        try await running.control.stop()
    }
}
