// JobTests.swift: the embedded scheduler and `bindings.cron`: jobs that are put, looked at, rung, tried again, deleted.
import Machine
import Synchronization
import Testing
import Wire

@testable import Sidecar

struct JobTests {
    private static let paths = ["/v1.0/jobs/", "/v1.0-alpha1/jobs/"]

    @Test(arguments: paths)
    func `a job is put, shown and deleted`(path: String) async throws {
        let app = try TestApp.start { _, _ in .reply(200, "") }
        defer { app.stop() }
        try await TestSidecar.with([], appPort: app.port) { sidecar in
            let job = #"{"schedule":"@every 1h","data":{"n":1.0},"overwrite":true}"#
            #expect(try await sidecar.send(.get, path + "tidy").errorCode == nil)
            #expect(try await sidecar.send(.get, path + "tidy").status == 500)
            #expect(try await sidecar.send(.post, path + "tidy", body: job).status == 204)
            let shown = try await sidecar.send(.get, path + "tidy")
            #expect(shown.status == 200 && shown.body == #"{"name":"tidy","schedule":"@every 1h","data":{"n":1.0}}"#)
            #expect(try await sidecar.send(.post, path + "tidy", body: job).status == 204)
            let again = try await sidecar.send(.post, path + "tidy", body: #"{"schedule":"@every 1h"}"#)
            #expect(again.status == 500 && again.body.contains("DAPR_SCHEDULER_SCHEDULE_JOB"))
            #expect(try await sidecar.send(.delete, path + "tidy").status == 204)
            #expect(try await sidecar.send(.get, path + "tidy").status == 500)
        }
    }

    @Test(arguments: [
        ("{}", 400, "DAPR_SCHEDULER_SCHEDULE_EMPTY"),
        (#"{"name":"x","schedule":"@daily"}"#, 400, "DAPR_SCHEDULER_JOB_NAME"),
        (#"{"schedule":"* *"}"#, 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        (#"{"dueTime":"soon"}"#, 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("[]", 400, "ERR_MALFORMED_REQUEST"), ("", 400, "ERR_MALFORMED_REQUEST"),
    ])
    func `a job that cannot be is refused`(body: String, status: Int, code: String) async throws {
        let app = try TestApp.start { _, _ in .reply(200, "") }
        defer { app.stop() }
        try await TestSidecar.with([], appPort: app.port) { sidecar in
            let reply = try await sidecar.send(.post, "/v1.0/jobs/bad", body: body)
            #expect(reply.status == status && reply.body.contains(code), "\(reply)")
        }
    }

    @Test func `a due job comes with its data, once when it has no schedule`() async throws {
        let app = try TestApp.start { _, _ in .reply(200, "") }
        defer { app.stop() }
        try await TestSidecar.with([], appPort: app.port, configure: { $0.appToken = "token" }) { sidecar in
            _ = try await sidecar.send(.post, "/v1.0/jobs/once", body: #"{"dueTime":"1ms","data":{"n": 1.00}}"#)
            #expect(await eventually { app.calls(at: "/job/once").count == 1 })
            let call = try #require(app.calls(at: "/job/once").first)
            #expect(call.method == .post && call.body == #"{"n": 1.00}"# && call.headers["dapr-api-token"] == "token")
            #expect(call.headers["content-type"] == "application/json" && call.headers["traceparent"] != nil)
            #expect(try await sidecar.send(.get, "/v1.0/jobs/once").status == 500)
            _ = try await sidecar.send(
                .post, "/v1.0/jobs/twice", body: #"{"schedule":"@every 1s","dueTime":"1ms","repeats":2}"#)
            #expect(await eventually { app.calls(at: "/job/twice").count == 2 })
            #expect(await eventually { (try? await sidecar.send(.get, "/v1.0/jobs/twice").status) == 500 })
        }
    }

    @Test func `a firing that failed is tried again by the job's policy; 404 counts as taken`() async throws {
        let app = try TestApp.start { call, nth in
            call.path == "/job/unknown" ? .reply(404, "") : nth < 3 ? .reply(500, "") : .reply(200, "")
        }
        defer { app.stop() }
        let policy = #""failurePolicy":{"constant":{"interval":"2ms","maxRetries":5}}"#
        try await TestSidecar.with([], appPort: app.port) { sidecar in
            _ = try await sidecar.send(.post, "/v1.0/jobs/again", body: #"{"dueTime":"1ms",\#(policy)}"#)
            #expect(await eventually { app.calls(at: "/job/again").count == 3 })
            _ = try await sidecar.send(.post, "/v1.0/jobs/unknown", body: #"{"dueTime":"1ms",\#(policy)}"#)
            #expect(
                await eventually { sidecar.log.messages(.warning).contains { $0.contains("does not know the job") } })
            _ = try await sidecar.send(
                .post, "/v1.0/jobs/dropped", body: #"{"dueTime":"1ms","failurePolicy":{"drop":{}}}"#)
            #expect(
                await eventually {
                    sidecar.log.messages(.error).isEmpty == false || app.calls(at: "/job/dropped").count == 1
                })
            #expect(app.calls(at: "/job/unknown").count == 1)
        }
    }

    private static func cron(_ more: String) -> String {
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: ticker }
        spec:
          type: bindings.cron
          version: v1
          metadata:
            - { name: schedule, value: "@every 1s" }
            \(more)
        """
    }

    @Test(arguments: [
        (200, "", true), (405, "", true), (404, "", false), (404, "- { name: direction, value: input }", true),
    ])
    func `a cron binding rings the app that wants it`(options: Int, more: String, rings: Bool) async throws {
        let app = try TestApp.start { call, _ in call.method == .options ? .reply(options, "") : .reply(200, "") }
        defer { app.stop() }
        try await TestSidecar.with([Self.cron(more)], appPort: app.port) { sidecar in
            await sidecar.sidecar.untilReady()
            if rings {
                #expect(await eventually { app.calls(at: "/ticker").contains { $0.method == .post } })
            } else {
                #expect(
                    await eventually {
                        sidecar.log.messages(.info).contains { $0.contains("does not want the binding") }
                    })
                #expect(!app.calls(at: "/ticker").contains { $0.method == .post })
            }
        }
    }

    @Test func `a schedule that is none keeps the sidecar from starting, and says where it stands`() async throws {
        await #expect(throws: SidecarStartError.self) {
            try await TestSidecar.with([Self.cron("").replacing("@every 1s", with: "now and then")]) { _ in }
        }
    }
}
