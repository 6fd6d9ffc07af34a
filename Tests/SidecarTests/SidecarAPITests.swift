// SidecarAPITests.swift: invocation, health, metadata, tokens, shutdown, and what keeps a sidecar from starting.
import Synchronization
import Testing
import Wire

@testable import Sidecar

struct InvocationTests {
    @Test func `an app is invoked with method, path, query, body and headers as they are`() async throws {
        let callee = try TestApp.start { _, _ in
            .replyWith(
                418, [("content-type", "text/x"), ("x-own", "v"), ("keep-alive", "timeout=5")],
                "tea")
        }
        defer { callee.stop() }
        let apps = AppRegistry()
        apps.register(
            "products", AppRegistry.Entry(host: "127.0.0.1", port: callee.port, appToken: "callee-token"))
        try await TestSidecar.with([], appID: "shop", apps: apps) { sidecar in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let headers: [(name: String, value: String)] = [
                ("Content-Type", "text/plain"), ("X-Custom", "1"), ("traceparent", trace),
                ("dapr-caller-app-id", "forged"), ("dapr-api-token", "callers"), ("proxy-authorization", "p"),
            ]
            for method in [HTTPMethod.get, .post, .put, .patch, .delete, .options] {
                let reply = try await sidecar.send(
                    method, "/v1.0/invoke/products/method/v1//a%20b/../c%3Fd?x=%20y&z", headers: headers,
                    body: method == .get ? "" : "body")
                #expect(reply.status == 418 && reply.body == "tea", "\(method): \(reply)")
                #expect(reply.headers["content-type"] == "text/x" && reply.headers["x-own"] == "v")
                #expect(reply.headers["keep-alive"] == nil)
            }
            let calls = callee.calls(at: "/v1/c%3Fd")
            #expect(calls.map(\.method) == [.get, .post, .put, .patch, .delete, .options])
            let call = try #require(calls.last)
            #expect(call.query == "x=%20y&z" && call.body == "body")
            let expected = [
                "content-type": "text/plain", "x-custom": "1", "traceparent": trace,
                "dapr-caller-app-id": "shop",
                "dapr-caller-namespace": "default", "dapr-callee-app-id": "products",
                "dapr-api-token": "callee-token",
            ]
            for (name, value) in expected { #expect(call.headers.values(of: name) == [value], "\(name)") }
            #expect(!call.headers.contains("proxy-authorization"))
        }
    }

    @Test func `the header and Basic auth name an app, too`() async throws {
        let callee = try TestApp.start { _, _ in .reply(200, "ok") }
        defer { callee.stop() }
        let apps = AppRegistry()
        apps.register("products", AppRegistry.Entry(host: "127.0.0.1", port: callee.port))
        try await TestSidecar.with([], apps: apps) { sidecar in
            let basic =
                "Basic " + String(decoding: Base64.encode(Array("dapr-app-id:products".utf8)), as: UTF8.self)
            for header in [
                ("dapr-app-id", "products"), ("authorization", basic), ("dapr-app-id", "products.default"),
            ] {
                let reply = try await sidecar.send(.get, "/v1/things/7?a=b", headers: [header])
                #expect(reply.status == 200 && reply.body == "ok", "\(header): \(reply)")
            }
            #expect(callee.calls(at: "/v1/things/7").count == 3)
            #expect(callee.calls(at: "/v1/things/7").first?.headers["dapr-app-id"] == nil)
        }
    }

    @Test func `an app that is unknown or away is a direct-invoke error at once`() async throws {
        let gone = try TestApp.start { _, _ in .reply(200, "") }
        gone.stop()
        let apps = AppRegistry()
        apps.register("gone", AppRegistry.Entry(host: "127.0.0.1", port: gone.port))
        try await TestSidecar.with([], apps: apps) { sidecar in
            for app in ["gone", "unknown", "gone.other", "a.b.c"] {
                let reply = try await sidecar.send(.post, "/v1.0/invoke/\(app)/method/x", body: "1")
                #expect(reply.status == 500 && reply.errorCode == "ERR_DIRECT_INVOKE", "\(app): \(reply)")
                #expect(reply.body.contains("failed to invoke, id: \(app), err: "))
            }
            for path in ["/", "/v1.0/nothing", "/v1.0/invoke//method/x", "/v3.0/state/a/b"] {
                let reply = try await sidecar.send(.get, path)
                #expect(reply.status == 404 && reply.errorCode == "ERR_DIRECT_INVOKE", "\(path): \(reply)")
                #expect(
                    reply.body.contains(
                        "failed getting app id either from the URL path or the header dapr-app-id"))
            }
        }
    }

    @Test func `an address outside is called by its URL, and one with TLS is told to be daprd's affair`() async throws {
        let outside = try TestApp.start { call, _ in .reply(203, "\(call.path)?\(call.query ?? "")") }
        defer { outside.stop() }
        try await TestSidecar.with([]) { sidecar in
            let address = "http%3A%2F%2F127.0.0.1%3A\(outside.port)"
            let reply = try await sidecar.send(.get, "/v1.0/invoke/\(address)/method/.well-known/jwks.json?v=2")
            #expect(reply.status == 203 && reply.body == "/.well-known/jwks.json?v=2")
            for (name, why) in [
                ("https%3A%2F%2F127.0.0.1", "has no TLS"), ("http%3A%2F%2Fa%40b", "couldn't find service"),
                ("http%3A%2F%2F", "couldn't find service"), ("http%3A%2F%2F127.0.0.1%3A0", "couldn't find service"),
            ] {
                let refused = try await sidecar.send(.get, "/v1.0/invoke/\(name)/method/x")
                #expect(refused.errorCode == "ERR_DIRECT_INVOKE" && refused.body.contains(why), "\(refused)")
            }
        }
    }

    @Test func `two sidecars of one session reach each other's apps`() async throws {
        let products = try TestApp.start(subscriptions: "[]") { _, _ in .reply(201, "made") }
        defer { products.stop() }
        let apps = AppRegistry()
        try await TestSidecar.with([], appID: "products", appPort: products.port, apps: apps) { _ in
            try await TestSidecar.with([], appID: "shop", apps: apps) { shop in
                let reply = try await shop.send(.post, "/v1.0/invoke/products/method/v1/products", body: "{}")
                #expect(reply.status == 201 && reply.body == "made")
            }
        }
        #expect(apps.appIDs.isEmpty)
    }
}

struct SidecarAPITests {
    @Test func `health, metadata and unknown routes`() async throws {
        try await TestSidecar.with([YAML.memoryState, YAML.pubsub]) { sidecar in
            let health = try await sidecar.send(.get, "/v1.0/healthz?appid=app")
            #expect(health.status == 204)
            let other = try await sidecar.send(.get, "/v1.0/healthz?appid=other")
            #expect(other.status == 500 && other.errorCode == "ERR_HEALTH_APPID_NOT_MATCH")
            let set = try await sidecar.send(.put, "/v1.0/metadata/colour", body: "blue")
            #expect(set.status == 204)
            let metadata = try await sidecar.send(.get, "/v1.0/metadata")
            #expect(metadata.status == 200)
            for part in [
                #""id":"app""#, #""colour":"blue""#,
                #"{"name":"statestore","type":"state.in-memory","version":"v1","capabilities":["ETAG","TRANSACTIONAL","TTL"]}"#,
                #""subscriptions":[]"#,
            ] { #expect(metadata.body.contains(part), "\(part)") }
        }
    }

    @Test func `a token is demanded everywhere but for health`() async throws {
        try await TestSidecar.with([YAML.memoryState], configure: { $0.apiToken = "right" }) { sidecar in
            for path in ["/v1.0/metadata", "/v1.0/state/statestore/k", "/nothing"] {
                for headers in [[], [("dapr-api-token", "wrong")], [("dapr-api-token", "rightx")]] {
                    let reply = try await sidecar.send(.get, path, headers: headers)
                    #expect(reply.status == 401 && reply.body == "invalid api token", "\(path): \(reply)")
                    #expect(reply.headers["content-type"] == "text/plain")
                }
            }
            let good = try await sidecar.send(.get, "/v1.0/metadata", headers: [("Dapr-Api-Token", "right")])
            #expect(good.status == 200)
            for path in ["/v1.0/healthz", "/v1.0/healthz/outbound"] {
                let reply = try await sidecar.send(.get, path)
                #expect(reply.status == 204)
            }
        }
    }

    @Test func `a shutdown through the API is answered and handed to the owner`() async throws {
        let asked = Mutex(false)
        try await TestSidecar.with(
            [], configure: { $0.shutdownRequested = { asked.withLock { $0 = true } } }
        ) { sidecar in
            let reply = try await sidecar.send(.post, "/v1.0/shutdown")
            #expect(reply.status == 204)
            #expect(await eventually { asked.withLock { $0 } })
        }
    }

    struct Refusal: Sendable {
        let yaml: String
        let message: String
    }

    static let refusals: [Refusal] = [
        Refusal(
            yaml: YAML.component("bus", "pubsub.redis", ["redisHost": "localhost:6379"]),
            message:
                "component `bus`: the type `pubsub.redis` is not in this build; use one of pubsub.in-memory"),
        Refusal(
            yaml: YAML.component("x", "bindings.kafka"),
            message: "the type `bindings.kafka` is not in this build"),
        Refusal(
            yaml: YAML.memoryState.replacing("version: v1", with: "version: v2"),
            message: "`state.in-memory` has no version `v2`; write `version: v1`"),
        Refusal(
            yaml: YAML.component("s", "state.sqlite"),
            message: "the metadata `connectionString` is missing; add `- name: connectionString`"),
        Refusal(
            yaml: YAML.component("s", "state.sqlite", ["connectionString": "no/such/folder/x.db"]),
            message:
                "no/such/folder/x.db`, which SQLite cannot open: unable to open database file; check that its folder"
        ),
        Refusal(
            yaml: YAML.component("s", "state.sqlite", ["connectionString": "x.db", "tableName": "a; drop"]),
            message: "the metadata `tableName` is `a; drop`; write letters"),
        Refusal(
            yaml: YAML.component("s", "state.sqlite", ["connectionString": "x.db", "busyTimeout": "soon"]),
            message: "the metadata `busyTimeout` is `soon`, which is not a duration"),
        Refusal(
            yaml: YAML.component("s", "state.in-memory", ["keyPrefix": "a||b"]),
            message: "the metadata `keyPrefix` is `a||b`"),
        Refusal(
            yaml: YAML.component("p", "pubsub.in-memory", ["concurrency": "0"]),
            message: "the metadata `concurrency` is `0`; write a whole number above 0"),
        Refusal(
            yaml: YAML.component("s", "secretstores.local.file"),
            message: "the metadata `secretsFile` is missing"),
        Refusal(
            yaml: YAML.component("s", "secretstores.local.file", ["secretsFile": "none.json"]),
            message: "none.json`, which cannot be read: No such file or directory"),
        Refusal(
            yaml: YAML.component("s", "state.in-memory", ["keyPrefix": "{podName}"]),
            message: "`{podName}` has no value"),
        Refusal(
            yaml: YAML.memoryState.replacing(
                "metadata: []", with: "metadata: [{ name: keyPrefix, envRef: DAPR_API_TOKEN }]"),
            message: "the variable `DAPR_API_TOKEN`, which belongs to Dapr"),
        Refusal(
            yaml: YAML.memoryState.replacing(
                "metadata: []", with: "metadata: [{ name: keyPrefix, secretKeyRef: { name: a, key: b } }]"),
            message: "`auth.secretStore` names no secret store that works"),
    ]

    @Test(arguments: refusals)
    func `a component that cannot work keeps the sidecar from starting, with a reason and a way out`(
        refusal: Refusal
    ) async throws {
        await #expect {
            try await TestSidecar.with([refusal.yaml]) { _ in }
        } throws: { "\($0)".contains(refusal.message) && "\($0)".contains("0.yaml:") }
    }

    @Test func `with ignoreErrors the sidecar starts without the component and says so`() async throws {
        let yaml = YAML.component("bus", "pubsub.redis").replacing(
            "version: v1", with: "version: v1, ignoreErrors: true")
        try await TestSidecar.with([yaml]) { sidecar in
            #expect(sidecar.log.messages(.warning).contains { $0.contains("pubsub.redis") })
        }
    }

    @Test func `all that is wrong is said at once`() async throws {
        let yaml = [YAML.component("bus", "pubsub.redis"), YAML.component("s", "state.sqlite"), "kind: [\n"]
        await #expect {
            try await TestSidecar.with(yaml) { _ in }
        } throws: { "\($0)".split(separator: "\n").count == 3 }
    }

    @Test func `a folder that is not there and a name that no file has are problems`() async throws {
        await #expect {
            try await TestSidecar.with([], configure: { $0.resourceFolders = ["/no/such/folder"] }) { _ in }
        } throws: { "\($0)".contains("/no/such/folder: cannot read the folder of resources: No such file") }
        await #expect {
            try await TestSidecar.with(
                [YAML.memoryState], configure: { $0.metadataOverrides = ["shelf": ["a": "b"]] }
            ) { _ in }
        } throws: {
            "\($0)".contains("the component `shelf`, which no file has; components here: statestore")
        }
    }

    @Test func `a taken port is named`() async throws {
        try await TestSidecar.with([]) { sidecar in
            let port = sidecar.sidecar.httpPort
            await #expect {
                try await TestSidecar.with([], configure: { $0.httpPort = port }) { _ in }
            } throws: { "\($0)".contains("port \(port) on 127.0.0.1 is taken") }
        }
    }

    @Test func `the settings may replace a component's metadata`() async throws {
        try await TestSidecar.with(
            [YAML.component("statestore", "state.sqlite", ["connectionString": "/no/such/folder/x.db"])],
            configure: { $0.metadataOverrides = ["statestore": ["connectionString": "mine.db"]] }
        ) { sidecar in
            let reply = try await sidecar.send(
                .post, "/v1.0/state/statestore", body: #"[{"key":"k","value":1}]"#)
            #expect(reply.status == 204)
            let names = try SystemFiles.names(in: sidecar.folder)
            #expect(names.contains("mine.db"))
        }
    }

    @Test func `a secret may be a component's metadata`() async throws {
        let secrets = YAML.component(
            "secrets", "secretstores.local.file", ["secretsFile": "s.json", "multiValued": "true"])
        let store =
            YAML.component("statestore", "state.sqlite").replacing(
                "metadata: []",
                with: "metadata: [{ name: connectionString, secretKeyRef: { name: db, key: file } }]")
            + "auth: { secretStore: secrets }\n"
        let files = ["s.json": #"{"db":{"file":"hidden.db","other":"x"}}"#]
        try await TestSidecar.with([store, secrets], files: files) { sidecar in
            let names = try SystemFiles.names(in: sidecar.folder)
            #expect(names.contains("hidden.db"))
        }
    }

    @Test func `the shipped components are read without a word`() async throws {
        let components = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        try await TestSidecar.with(
            [], appID: "inventory", files: ["secrets.json": #"{"postgres":{"user":"u"}}"#],
            configure: { $0.resourceFolders = ["/\(components)/k8s/local/components"] }
        ) { sidecar in
            #expect(sidecar.log.messages(.warning).isEmpty)
            let secret = try await sidecar.send(.get, "/v1.0/secrets/secrets/postgres")
            #expect(secret.body == #"{"user":"u"}"#)
            let save = try await sidecar.send(
                .post, "/v1.0/state/statestore", body: #"[{"key":"k","value":1}]"#)
            #expect(save.status == 204)
        }
    }
}
