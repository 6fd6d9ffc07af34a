// TriggerTests.swift: jobs and input bindings: events, statuses, overlap, and the jobs that the sidecar keeps for the routes.

import Machine
import Sidecar
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

struct TriggerTests {
    private static let routes = """
        app other = "other"
        job "nightly" (schedule: "0 3 * * *", retry: 0) {
          other.post("/take", { type: event.type, data: event.data, topic: event.topic, source: event.source })
        }
        job "remind-*" { other.post("/remind", [event.type, event.data?.to]) }
        job "remind-me" { drop "exact" }
        job "later" (retry: 0) { retry "later" }
        job "long" (overlap: "skip", timeout: 1m, retry: 0) { other.post("/long") }
        input "queue" { other.post("/queue", [event.type, event.datacontenttype, event.data]) }
        post "/job/{name}" { return "an endpoint" }
        """

    private static func ring(
        _ path: String, _ body: String = "", _ engine: EngineUnderTest, headers: [(String, String)] = []
    ) async throws -> Reply {
        try await engine.control.send(
            .post, port: engine.ports.appPort, path, headers: headers + [("content-type", "application/json")],
            body: Array(body.utf8))
    }

    private static func bodies(_ engine: EngineUnderTest, _ path: String) -> [String] {
        engine.sidecar.calls.filter { $0.target.hasSuffix(path) }.map(\.body)
    }

    @Test func `a job is an event with the payload as its data, and its end is a status`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            #expect(try await Self.ring("/job/nightly", #"{"n":1.0}"#, engine).status == 200)
            #expect(try await Self.ring("/job/nightly", "", engine).status == 200)
            #expect(
                Self.bodies(engine, "/take") == [
                    #"{"type":"job.nightly","data":{"n":1.0},"topic":null,"source":"app"}"#,
                    #"{"type":"job.nightly","data":null,"topic":null,"source":"app"}"#,
                ])
            #expect(try await Self.ring("/job/remind-anna", #"{"to":"anna"}"#, engine).status == 200)
            #expect(Self.bodies(engine, "/remind") == [#"["job.remind-anna","anna"]"#])
            #expect(try await Self.ring("/job/remind-me", "5", engine).status == 200, "DROP is 200, too")
            #expect(try await Self.ring("/job/later", "", engine).status == 500)
            #expect(try await engine.outcomes() == ["success": 3, "drop": 1, "retry": 1])
        }
    }

    @Test func `a job that nobody takes is 404, which the sidecar does not repeat`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            #expect(try await Self.ring("/job/stranger", "", engine).status == 404)
            #expect(try await engine.outcomes() == ["unmatched": 1])
            #expect(engine.log.contains("DELETE /v1.0/jobs/stranger"))
            let invoked = try await Self.ring("/job/nightly", "", engine, headers: [("dapr-caller-app-id", "else")])
            #expect(invoked.text == #""an endpoint""#, "what another app sent is an invocation")
        }
    }

    @Test(arguments: [1, 3])
    func `a job that must not overlap is skipped while it is at work`(loops: Int) async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, sidecar: { $0.target.hasSuffix("/long") ? .held : .usual },
            adjust: { $0.loopCount = loops }
        ) { engine async throws in
            async let first = Self.ring("/job/long", "", engine)
            try await eventually("the first is at work") { engine.sidecar.heldCount == 1 }
            for _ in 0..<4 { #expect(try await Self.ring("/job/long", "", engine).status == 200) }
            #expect(try await engine.outcomes() == ["skipped": 4])
            engine.sidecar.release(200)
            #expect(try await first.status == 200)
            engine.sidecar.follow { _ in .usual }
            #expect(try await Self.ring("/job/long", "", engine).status == 200)
            #expect(Self.bodies(engine, "/long").count == 2)
        }
    }

    @Test func `an input binding is asked for, and takes JSON, text and bytes`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let port = engine.ports.appPort
            #expect(try await engine.control.send(.options, port: port, "/queue").status == 200)
            #expect(try await engine.control.send(.options, port: port, "/other").status == 404)
            for body in [#"{"n": 1.00}"#, "", "plain \u{e4}"] {
                #expect(try await Self.ring("/queue", body, engine).status == 200)
            }
            let bytes = try await engine.control.send(.post, port: port, "/queue", body: [0xFF, 0x00])
            #expect(bytes.status == 200)
            #expect(
                Self.bodies(engine, "/queue") == [
                    #"["binding.queue","application/json",{"n": 1.00}]"#, #"["binding.queue","application/json",null]"#,
                    #"["binding.queue","text/plain","plain ä"]"#,
                    #"["binding.queue","application/octet-stream","/wA="]"#,
                ])
            #expect(try await Self.ring("/queue", "", engine, headers: [("dapr-caller-app-id", "else")]).status == 404)
        }
    }

    private static func jobCalls(_ engine: EngineUnderTest) -> [String] {
        engine.sidecar.calls(to: "/v1.0-alpha1/jobs/").filter { $0.method != "GET" }.map {
            "\($0.method) \($0.target.split(separator: "/").last ?? "") \($0.body)"
        }
    }

    @Test func `the sidecar's jobs follow the routes: put, changed, deleted, and tried again`() async throws {
        func routes(_ jobs: String) -> String {
            "app other = \"other\"\n\(jobs)\njob \"free-*\" { other.post(\"/x\") }\n"
        }
        let failures = Mutex(1)
        try await EngineUnderTest.with(
            routes: routes(
                #"job "a" (schedule: "@every 1h") { other.post("/a") }; job "b" (schedule: "0 3 * * 1") { other.post("/b") }"#
            ),
            sidecar: { call in
                guard call.target.hasPrefix("/v1.0-alpha1/jobs/") else { return .usual }
                if call.method == "GET" { return .reply(500, #"{"errorCode":"DAPR_SCHEDULER_GET_JOB"}"#) }
                return failures.withLock { left in
                    left -= 1
                    return left >= 0 ? .reply(500, "{}") : .reply(204)
                }
            }
        ) { engine async throws in
            let first = [
                #"POST a {"schedule":"@every 1h","overwrite":true}"#,
                #"POST a {"schedule":"@every 1h","overwrite":true}"#,
                #"POST b {"schedule":"0 0 3 * * 1","overwrite":true}"#,
            ]
            try await eventually("both are scheduled") { Self.jobCalls(engine) == first }
            #expect(engine.log.contains("the sidecar's jobs are not as the routes say"))
            try engine.folder.write(
                "routes/app/routes.bay", routes(#"job "b" (schedule: "@daily") { other.post("/b") }"#))
            try await eventually("the change is there") {
                Self.jobCalls(engine).dropFirst(3) == [
                    "DELETE a ", #"POST b {"schedule":"0 0 0 * * *","overwrite":true}"#,
                ]
            }
        }
    }

    @Test func `a job that the sidecar has already is left alone, so that its period goes on`() async throws {
        try await EngineUnderTest.with(
            routes: #"job "a" (schedule: "@every 1h") { log.debug("a") }"#,
            sidecar: { $0.target.hasSuffix("/jobs/a") ? .reply(200, #"{"name":"a","schedule":"@every 1h"}"#) : .usual }
        ) { engine async throws in
            try await eventually("it is known") { engine.log.contains("the job is scheduled") }
            #expect(Self.jobCalls(engine).isEmpty)
        }
    }

    @Test func `beside the embedded sidecar a job and a binding ring`() async throws {
        let routes = """
            job "tick" (schedule: "@every 1s") { log.info("ticked", { type: event.type }) }
            input "clock" { log.info("rang", { type: event.type }) }
            """
        let component = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: clock }
            spec: { type: bindings.cron, version: v1, metadata: [{ name: schedule, value: "@every 1s" }] }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            try engine.folder.write("components/clock.yaml", component)
            let configuration = SidecarConfiguration(
                appID: "app", appPort: engine.ports.appPort, httpPort: 0, resourceFolders: [engine.folder("components")]
            )
            let sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
            // The engine's own sidecar is the fake one, so the job is put by hand.
            let reply = try await engine.control.send(
                .post, port: sidecar.httpPort, "/v1.0/jobs/tick", body: Array(#"{"schedule":"@every 1s"}"#.utf8))
            #expect(reply.status == 204)
            try await eventually("both ring") {
                engine.log.contains("type=job.tick") && engine.log.contains("type=binding.clock")
            }
            await sidecar.stop(drainingAtMost: .seconds(5))
        }
    }
}
