// TokenSessionTests.swift: two apps on real parts: one publishes its keys, the other takes tokens by them.
//
// The embedded sidecars carry the keys and the invocations, the secret store is a file as operators write it.

import DevEnvironment
import Diagnostics
import Machine
import Sidecar
import Testing
import Transport
import Wire

@testable import Engine

struct TokenSessionTests {
    private static let components = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: vault
        spec:
          type: secretstores.local.file
          version: v1
          metadata:
            - name: secretsFile
              value: FOLDER/vault.json
            - name: multiValued
              value: "true"
        """

    /// The shop takes tokens of `login`, from outside and through the app channel; the till calls it.
    private static func write(to folder: TemporaryFolder) throws {
        try folder.write("components/vault.yaml", components.replacing("FOLDER", with: folder.path))
        let secrets = JSON.object([
            .init(
                "tokens", ["shared": "till-to-shop-0001", "hs": .string(PeerTokens.text("secret"))]),
            .init("public", ["key": .string(PeerTokens.text("pem", "ES256"))]),
        ])
        try folder.write("vault.json", String(decoding: secrets.serialized(), as: UTF8.self))
        try folder.write("routes/login/routes.bay", "get \"/keys\" { return keys.published() }\n")
        try folder.write(
            "routes/shop/routes.bay",
            """
            let login = { issuer: "https://login.example", audience: "shop", keys: "login/keys" }
            get "/me"     (auth: login) { return { sub: request.claims.sub, caller: request.caller } }
            get "/pem"    (auth: { ...login, keys: secret("vault/public", "key") }) { return request.claims.sub }
            get "/hs"     (auth: { ...login, keys: secret("vault/tokens", "hs") }) { return request.claims.sub }
            get "/shared" (auth: secret("vault/tokens", "shared")) { return request.caller }
            get "/none"   (auth: secret("vault/nothing", "shared")) { return 1 }

            """)
        try folder.write(
            "routes/till/routes.bay",
            """
            app shop = "shop"
            get "/me"     { return shop.get("/me", headers: { authorization: request.headers.authorization ?? "" }).body }
            get "/shared" { return shop.get("/shared", headers: { authorization: bearer.of(secret("vault/tokens", "shared")) }).body }
            get "/wrong"  { return shop.get("/shared", headers: { authorization: "Bearer wrong" }).body }

            """)
        try folder.write("scripts/bearer.bay", "fn of(token: secret) -> secret = \"Bearer ${token}\"\n")
        try folder.write("scripts/keys.bay", "fn published() = \(PeerTokens.document())\n")
    }

    @Test func `tokens are taken by keys that another app publishes, and by those of a secret store`() async throws {
        let folder = try TemporaryFolder()
        try Self.write(to: folder)
        let (log, control) = (LogBook(), try ControlThread())
        var configuration = DevConfiguration(
            routeFolders: ["login", "shop", "till"].map { folder("routes/\($0)") },
            scriptFolders: [folder("scripts")], resourceFolders: [folder("components")], loopCount: 2)
        configuration.portBase = 0
        configuration.stateFolder = folder("state")
        let session = DevSession(
            configuration: configuration, control: control.loop, background: control.background,
            renderer: TextRenderer(colour: false, ascii: false), environment: [:], makeLog: { log.log(label: $0) })
        var failure: (any Error)?
        do {
            try await control.run { try await session.start() }
            try await Self.check(session, control, log)
        } catch {
            failure = error
        }
        try await control.run { await session.stop() }
        try await control.stop()
        if let failure {
            print("the session's log:\n\(log.text)")
            throw failure
        }
    }

    private static func check(_ session: DevSession, _ control: ControlThread, _ log: LogBook) async throws {
        func get(_ app: String, _ path: String, _ token: String? = nil) async throws -> Reply {
            let found = try #require(session.apps.first { $0.name == app })
            let port = try #require(found.publicURL.split(separator: ":").last.flatMap { Int($0) })
            return try await control.send(
                .get, port: port, path, headers: token.map { [("authorization", "Bearer \($0)")] } ?? [])
        }
        for algorithm in ["RS256", "PS512", "ES256", "ES384", "EdDSA"] {
            let reply = try await get("shop", "/me", PeerTokens.text("tokens", algorithm))
            #expect(reply.text == #"{"sub":"alice","caller":null}"#, "\(algorithm)")
        }
        let good = PeerTokens.text("tokens", "ES256")
        #expect(try await get("shop", "/pem", good).text == #""alice""#)
        #expect(try await get("shop", "/pem", PeerTokens.text("tokens", "RS256")).status == 401)
        #expect(try await get("shop", "/hs", PeerTokens.text("tokens", "HS256")).text == #""alice""#)
        #expect(try await get("shop", "/me", PeerTokens.text("tokens", "HS256")).status == 401)
        #expect(try await get("shop", "/me").status == 401)
        #expect(try await get("shop", "/shared", "till-to-shop-0001").status == 204)
        #expect(try await get("shop", "/none", "till-to-shop-0001").status == 503)
        // Through both sidecars: the same rules, and the caller is known.
        #expect(try await get("till", "/me", good).text == #"{"sub":"alice","caller":"till"}"#)
        // It was the till that was refused, not its caller.
        #expect(try await get("till", "/me").status == 500)
        #expect(try await get("till", "/shared").text == #""till""#)
        #expect(try await get("till", "/wrong").status == 500)
        #expect(!log.contains("till-to-shop-0001") && !log.contains(PeerTokens.text("secret")))
    }
}
