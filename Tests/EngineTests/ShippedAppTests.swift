// ShippedAppTests.swift: the inventory app as it is shipped, on real parts: two engines, two sidecars, a private PostgreSQL.
//
// One session for the whole suite, because making a database takes longer than all of its tests.

import DevEnvironment
import Diagnostics
import Foundation
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Engine

/// A dev session over copies of the shipped files.
final class ShippedApp: Sendable {
    @TaskLocal static var running: ShippedApp?

    let folder: TemporaryFolder
    let log: LogBook
    let control: ControlThread
    let session: DevSession

    init() throws {
        folder = try TemporaryFolder()
        log = LogBook()
        control = try ControlThread()
        for name in ["routes/inventory", "routes/products", "scripts", "k8s/local/components", "events"] {
            try folder.copy(fromProject: name)
        }
        var configuration = DevConfiguration(
            routeFolders: [folder("routes/inventory"), folder("routes/products")], scriptFolders: [folder("scripts")],
            resourceFolders: [folder("k8s/local/components")], loopCount: 2)
        configuration.portBase = 0
        configuration.stateFolder = folder("state")
        session = DevSession(
            configuration: configuration, control: control.loop, background: control.background,
            renderer: TextRenderer(colour: false, ascii: false), environment: [:],
            makeLog: { [log] in log.log(label: $0) })
    }

    func app(_ name: String = "inventory") throws -> DevApp {
        try #require(session.apps.first { $0.name == name })
    }

    private static func port(_ url: String) -> Int { url.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    func get(_ path: String) async throws -> Reply {
        try await control.send(.get, port: Self.port(try app().publicURL), path)
    }

    func admin() async throws -> JSON {
        try await control.send(.get, port: Self.port(try app().adminURL), "/generations").json
    }

    /// Through the sidecar's API, as any publisher does.
    func publish(_ event: String) async throws {
        let reply = try await control.send(
            .post, port: Self.port(try app().sidecarURL), "/v1.0/publish/pubsub/inventory",
            headers: [("content-type", "application/cloudevents+json")], body: Array(event.utf8))
        try #require(reply.status == 204, "\(reply.text)")
    }

    /// Events `numbers` of `count`, by eight writers at once.
    func publish(count: Int, _ event: @escaping @Sendable (Int) -> String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in stride(from: writer, to: count, by: 8) { try await self.publish(event(number)) }
                }
            }
            try await group.waitForAll()
        }
    }

    func counters() async throws -> SidecarCounters {
        try await control.perform { [session] in session.sidecarCounters(of: "inventory") ?? SidecarCounters() }
    }

    var postmaster: Int32? {
        (try? folder.read("state/postgres/data/postmaster.pid"))?.split(separator: "\n").first.flatMap { Int32($0) }
    }
}

/// Starts the session before the suite's first test and stops it after the last.
struct ShippedAppTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let app = try ShippedApp()
        var failure: (any Error)?
        do {
            try await app.control.run { try await app.session.start() }
            try await ShippedApp.$running.withValue(app) { try await function() }
        } catch {
            failure = error
        }
        try await app.control.run { await app.session.stop() }
        try await app.control.stop()
        if let failure {
            print("the session's log:\n\(app.log.text)")
            throw failure
        }
    }
}

extension Trait where Self == ShippedAppTrait {
    static var shippedApp: Self { Self() }
}

@Suite(.serialized, .shippedApp)
struct ShippedAppTests {
    private let app: ShippedApp

    init() throws { app = try #require(ShippedApp.running) }

    @Test func `the three events become a row, a value and another app's value, and can be read back`() async throws {
        for (event, path, expected) in [
            ("widget", "/v1/widgets/widget", #"{"id":"widget","description":"Hello, Widget!","price":175.0}"#),
            ("gadget", "/v1/gadgets/gadget", #""gadgetField""#),
            ("thingamajig", "/v1/products/thingamajig", #""Hello, Thingamajig!""#),
        ] {
            try await app.publish(try app.folder.read("events/\(event).json"))
            try await eventually("\(event) can be read") { try await app.get(path).status == 200 }
            let reply = try await app.get(path)
            #expect(reply.text.contains(expected), "\(reply.text)")
            #expect(reply.headers["content-type"] == "application/json")
        }
        let outcomes = try await app.admin()["outcomes"]
        #expect(outcomes?["success"]?.int == 3)
    }

    @Test(arguments: ["/v1/widgets/none", "/v1/gadgets/none", "/v1/products/none", "/v1/nothing"])
    func `what is not there is 404 in the one form`(path: String) async throws {
        let reply = try await app.get(path)
        #expect(reply.status == 404)
        #expect(reply.text.hasPrefix(#"{"type":"NOT_FOUND","code":404,"message":""#), "\(reply.text)")
    }

    @Test func `a gadget that nobody saw was seen no times`() async throws {
        #expect(try await app.get("/v1/gadgets/unseen/count").text == #"{"count":0}"#)
    }

    @Test func `eight writers race and every one of 1,000 counts`() async throws {
        try await app.publish(count: 1000) { number in
            EngineUnderTest.event("gadget.seen.v1", id: "seen-\(number)", data: #"{"id":"racer"}"#)
        }
        try await eventually("all are counted", within: .seconds(120)) {
            let isIdle = try await app.counters().inFlight == 0
            let seen = try await app.get("/v1/gadgets/racer/count").text
            return isIdle && seen == #"{"count":1000}"#
        }
        #expect(try await app.get("/v1/gadgets/racer/count").text == #"{"count":1000}"#)
    }

    @Test func `PostgreSQL is killed in the middle of 1,000 widgets and every row is there`() async throws {
        let before = try await app.counters()
        @Sendable func widget(_ number: Int) -> String {
            EngineUnderTest.event(
                "widget.v1", id: "w-\(number)", data: #"{"id":"w-\#(number)","description":"one of many","price":1.5}"#)
        }
        try await app.publish(count: 500) { widget($0) }
        try await eventually("some rows are there") { try await app.counters().acknowledged > before.acknowledged + 50 }
        let victim = try #require(app.postmaster)
        try #require(kill(victim, SIGKILL) == 0)
        try await app.publish(count: 500) { widget(500 + $0) }
        try await eventually("all are acknowledged", within: .seconds(180)) {
            try await app.counters().acknowledged >= before.acknowledged + 1000
        }
        let after = try await app.counters()
        #expect(after.deadLettered == before.deadLettered && after.dropped == before.dropped)
        #expect(app.postmaster != victim && app.log.contains("it is started again"))
        for number in 0..<1000 {
            let status = try await app.get("/v1/widgets/w-\(number)").status
            #expect(status == 200, "w-\(number)")
        }
    }

    @Test func `a secret that can be read later, and a database behind it, heal by themselves`() async throws {
        let secret = try #require(try JSON.parse(try app.folder.read("state/secrets.json"))["postgres"])
        let credentials = String(decoding: secret.serialized(), as: UTF8.self)
        let routes = """
            database shop = secret("secrets/postgres")
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
              on "row" { shop.exec "INSERT INTO widgets (id, description, price) VALUES (${event.id}, '', 1.0)" }
            }
            """
        try await EngineUnderTest.with(
            routes: routes, sidecar: { $0.target.hasPrefix("/v1.0/secrets/") ? .reply(500, "{}") : .usual }
        ) { engine async throws in
            #expect(try await engine.deliver("row", id: "healed") == "RETRY")
            engine.sidecar.follow { $0.target.hasPrefix("/v1.0/secrets/") ? .reply(200, credentials) : .usual }
            #expect(try await engine.deliver("row", id: "healed") == "SUCCESS")
            // The row is there already: a conflict, which is the script's to catch or the sidecar's to repeat.
            #expect(try await engine.deliver("row", id: "healed") == "RETRY")
            #expect(engine.log.contains("(conflict)"))
            #expect(engine.sidecar.calls(to: "/v1.0/secrets/").count >= 2)
        }
        #expect(try await app.get("/v1/widgets/healed").status == 200)
    }

    @Test func `data that does not fit is dead-lettered at once`() async throws {
        let before = try await app.counters()
        try await app.publish(
            EngineUnderTest.event("widget.v1", id: "misfit", data: #"{"id":"misfit","price":"dear"}"#))
        try await eventually("it is dead-lettered") { try await app.counters().deadLettered == before.deadLettered + 1 }
        #expect(try await app.get("/v1/widgets/misfit").status == 404)
        #expect(app.log.contains("event=misfit"))
    }

    @Test func `a rule for a new type is saved, and the next event of that type follows it`() async throws {
        let event = EngineUnderTest.event("gizmo.v1", id: "gizmo", data: #"{"id":"gizmo","price":2.5}"#)
        let name = "routes/inventory/routes.bay"
        let text = try app.folder.read(name)
        try app.folder.write(
            name, text.replacingOccurrences(of: "  otherwise", with: "  on \"gizmo.v1\" => gadgets.save\n  otherwise"))
        try await eventually("generation 2 is live") { try await app.admin()["live"]?.int == 2 }
        try await app.publish(event)
        try await eventually("the gizmo is a gadget") { try await app.get("/v1/gadgets/gizmo").status == 200 }
        #expect(try await app.get("/v1/products/gizmo").status == 404)
    }
}
