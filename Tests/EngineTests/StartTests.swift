// StartTests.swift: what keeps an engine from starting, and what it starts without: ports, folders, sidecar, secrets.

import Dapr
import Diagnostics
import Machine
import Synchronization
import Testing
import Transport
import Wire

@testable import Engine

struct StartTests {
    /// An engine that is only loaded and made to listen.
    private static func start(
        routes: [String], scripts: [String] = [], log: LogBook, publicPort: UInt16 = 0, appPort: UInt16 = 0
    ) async throws {
        let control = try ControlThread()
        var configuration = EngineConfiguration(
            appID: "app", routeFolders: routes, scriptFolders: scripts, sidecar: SidecarEndpoint(port: 1), loopCount: 2)
        configuration.publicAddress = "127.0.0.1"
        configuration.publicPort = publicPort
        configuration.appPort = appPort
        configuration.adminPort = 0
        let engine = Engine(
            configuration: configuration, control: control.loop, background: control.background, log: log.log,
            renderer: TextRenderer(colour: false, ascii: false), environment: [:])
        let result = await Task(executorPreference: control.loop) {
            try await engine.load()
            _ = try engine.listen()
        }.result
        try await control.run { await engine.stop() }
        try await control.stop()
        try result.get()
    }

    private static func folder(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        return folder
    }

    @Test func `a taken port is named, whichever it is`() async throws {
        let folder = try Self.folder(["routes/routes.bay": "get \"/a\" { return 1 }\n"])
        let holder = try FakeSidecar()
        for isPublic in [true, false] {
            do {
                try await Self.start(
                    routes: [folder("routes")], log: LogBook(), publicPort: isPublic ? UInt16(holder.port) : 0,
                    appPort: isPublic ? 0 : UInt16(holder.port))
                Issue.record("it listened on a port that was taken")
            } catch EngineStartError.cannotListen(let reason) {
                #expect(reason == .addressInUse(address: "127.0.0.1", port: holder.port))
                #expect("\(reason)".contains("port \(holder.port)"))
            }
        }
        await holder.stop()
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        let files: [String: String]
        let says: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Refused(name: "no routes folder", files: [:], says: ["H1002", "/routes`", "No such file"]),
        Refused(
            name: "an empty routes folder", files: ["routes/notes.txt": "hi"],
            says: ["H1004", "no `.bay` file in", "/routes`", "routes.bay`"]),
        Refused(name: "routes is a file", files: ["routes": "hi"], says: ["H1002", "/routes`", "Not a directory"]),
        Refused(
            name: "a file beyond 1 MiB", files: ["routes/routes.bay": String(repeating: "# many\n", count: 200_000)],
            says: ["E0110", "routes.bay`"]),
        Refused(
            name: "two errors", files: ["routes/routes.bay": "get \"/a\" => no.one\nget \"/b\" => no.two\n"],
            says: ["routes.bay:1:", "routes.bay:2:"]),
    ])
    func `a deployment that cannot be read or has errors is refused, saying where and why`(refused: Refused)
        async throws
    {
        let folder = try Self.folder(refused.files)
        let log = LogBook()
        do {
            try await Self.start(routes: [folder("routes")], log: log)
            Issue.record("it started")
        } catch EngineStartError.deploymentRejected(let errors) {
            #expect(errors == (refused.name == "two errors" ? 2 : 1))
        }
        for piece in refused.says { #expect(log.contains(piece), "\(piece) is not in:\n\(log.text)") }
    }

    @Test func `a broken link among the routes is named`() async throws {
        let folder = try Self.folder(["routes/routes.bay": "get \"/a\" { return 1 }\n"])
        try folder.link("routes/gone.bay", to: "/nowhere/gone.bay")
        let log = LogBook()
        await #expect(throws: EngineStartError.self) { try await Self.start(routes: [folder("routes")], log: log) }
        #expect(log.contains("H1003") && log.contains("routes/gone.bay`: No such file"))
    }

    @Test func `without a sidecar the engine says what it waits for, answers deliveries, and goes on when it comes`()
        async throws
    {
        let folder = try Self.folder([
            "routes/routes.bay": """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
              on "pure" { log.debug("done") }
              on "save" { shelf.save("a", 1) }
            }
            """
        ])
        // A port that was free a moment ago.
        let gone = try FakeSidecar()
        let port = gone.port
        await gone.stop()
        let control = try ControlThread()
        let log = LogBook()
        var configuration = EngineConfiguration(
            appID: "app", routeFolders: [folder("routes")], scriptFolders: [],
            sidecar: SidecarEndpoint(port: UInt16(port)),
            loopCount: 1)
        (configuration.publicPort, configuration.appPort, configuration.adminPort) = (0, 0, 0)
        let engine = Engine(
            configuration: configuration, control: control.loop, background: control.background, log: log.log,
            renderer: TextRenderer(colour: false, ascii: false), environment: [:])
        let ports = try await control.run {
            try await engine.load()
            return try engine.listen()
        }
        let waiting = Task(executorPreference: control.loop) { await engine.waitForSidecar() }
        func deliver(_ type: String) async throws -> String? {
            try await control.send(
                .post, port: ports.appPort, AppChannel.deliveryPath(pubsub: "bus", topic: "things"),
                headers: [("content-type", "application/cloudevents+json")],
                body: Array(EngineUnderTest.event(type).utf8)
            ).json["status"]?.string
        }
        let ready = try await control.send(.get, port: ports.adminPort, "/readyz")
        #expect(ready.status == 503 && ready.json["waiting_for"]?.string == "the sidecar")
        #expect(try await control.send(.get, port: ports.adminPort, "/healthz").status == 200)
        #expect(try await deliver("pure") == "SUCCESS")
        #expect(try await deliver("save") == "RETRY")
        try await eventually("it says whom it waits for") {
            log.contains("waiting for the sidecar at http://127.0.0.1:\(port)") && log.contains("--dapr-http-port")
        }
        let sidecar = try FakeSidecar(port: port)
        try await eventually("it is ready") {
            try await control.send(.get, port: ports.adminPort, "/readyz").status == 200
        }
        await waiting.value
        #expect(try await deliver("save") == "SUCCESS")
        try await control.run { await engine.stop() }
        await sidecar.stop()
        try await control.stop()
    }
}

struct DatabaseTroubleTests {
    private static let routes = """
        database shop = secret("secrets/postgres")
        subscribe "bus/things" (dead_letter: "dead", retry: 0, timeout: 2s) {
          on "pure" { log.debug("done") }
          on "row"  { shop.exec "DELETE FROM things WHERE id = ${event.id}" }
        }
        get "/row" { return shop.one "SELECT 1 AS one" }
        """

    @Test func `a missing secret is told at start with its resource, and costs only what needs it`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes,
            sidecar: { call in
                guard call.target.hasPrefix("/v1.0/secrets/") else { return .usual }
                return .reply(
                    500, #"{"errorCode":"ERR_SECRET_GET","message":"failed getting secret with key postgres"}"#)
            }
        ) { engine async throws in
            try await eventually("the resource is named at start") {
                engine.log.contains("no credentials for the database `shop`")
            }
            #expect(engine.log.contains("failed getting secret with key postgres"))
            #expect(try await engine.outcomes() == [:], "nothing asked for the database yet")
            #expect(try await engine.deliver("row") == "RETRY")
            #expect(try await engine.deliver("pure") == "SUCCESS")
            let reply = try await engine.request(.get, "/row")
            #expect(reply.status == 503 && reply.json["type"]?.string == "UNAVAILABLE")
            #expect(reply.json["message"]?.string?.contains("`shop`") == true)
            #expect(try await engine.outcomes() == ["retry": 1, "success": 1])
        }
    }

    @Test(arguments: [
        #"{"host":"127.0.0.1","username":"u","password":"p","database":"d","port":"not a port"}"#, "{}",
        #"{"colour":"red"}"#,
        #"{"url":"mysql://localhost"}"#,
    ])
    func `a secret that is no address of a database is refused with its reason`(secret: String) async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, sidecar: { $0.target.hasPrefix("/v1.0/secrets/") ? .reply(200, secret) : .usual }
        ) { engine async throws in
            #expect(try await engine.deliver("row") == "RETRY")
            #expect(engine.log.contains("no credentials for the database `shop`"))
            #expect(try await engine.deliver("pure") == "SUCCESS")
        }
    }

    @Test func `a database that is down costs only what needs it`() async throws {
        let gone = try FakeSidecar()
        let port = gone.port
        await gone.stop()
        let secret = #"{"host":"127.0.0.1","port":"\#(port)","username":"u","password":"p","database":"d"}"#
        try await EngineUnderTest.with(
            routes: Self.routes, sidecar: { $0.target.hasPrefix("/v1.0/secrets/") ? .reply(200, secret) : .usual }
        ) { engine async throws in
            #expect(try await engine.deliver("row") == "RETRY")
            #expect(try await engine.deliver("pure") == "SUCCESS")
            let status = try await engine.request(.get, "/row").status
            #expect(status == 503 || status == 504)
            #expect(!engine.log.text.contains("password") && !engine.log.text.contains("=p "))
        }
    }
}
