// KeyRenewalTests.swift: keys that are not there, that come, that change, and that cannot be renewed.

import Foundation
import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct KeyRenewalTests {
    private static let routes = """
        let login = { issuer: "https://login.example", audience: "shop", keys: "https://login.example/.well-known/jwks.json" }
        get "/me"     (auth: login) { return request.claims.sub }
        get "/hs"     (auth: { ...login, keys: secret("secrets/jwt", "hs"), leeway: 0s }) { return request.claims.sub }
        get "/shared" (auth: secret("secrets/token")) { return 1 }
        """
    private static let place = AuthenticationTests.documentPlace
    private static let secretPlace = "/v1.0/secrets/secrets/token"
    private static let (old, new) = (PeerTokens.text("tokens", "RS256"), PeerTokens.text("other_token"))

    private static func with(
        _ shelf: Shelf, _ times: (inout KeyTimes) -> Void = { _ in }, _ test: (EngineUnderTest) async throws -> Void
    ) async throws {
        var keyTimes = KeyTimes.standard
        times(&keyTimes)
        try await EngineUnderTest.with(
            routes: routes, sidecar: shelf.script,
            adjust: {
                $0.keyTimes = keyTimes
                $0.loopCount = 2
            }, test)
    }

    private static func status(_ engine: EngineUnderTest, _ path: String, _ token: String) async throws -> Int {
        try await engine.request(.get, path, headers: [("authorization", "Bearer \(token)")]).status
    }

    /// How often a text stands in the log.
    private static func count(_ text: String, in engine: EngineUnderTest) -> Int {
        engine.log.text.components(separatedBy: text).count - 1
    }

    @Test func `a secret and a document that are not there are 503, told once, and heal when they come`() async throws {
        let shelf = Shelf()
        try await Self.with(
            shelf,
            {
                $0.retryLow = .milliseconds(20)
                $0.retryHigh = .milliseconds(20)
            }
        ) { engine async throws in
            for path in ["/me", "/shared", "/hs"] {
                for _ in 0..<3 {
                    let reply = try await engine.request(.get, path, headers: [("authorization", "Bearer \(Self.old)")])
                    #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
                    #expect(reply.json["message"]?.string == "tokens cannot be verified at the moment")
                    #expect(reply.headers["www-authenticate"] == nil)
                    #expect(try await engine.request(.get, path).status == 401)
                }
            }
            try await eventually("it is tried again by itself") { engine.sidecar.calls(to: Self.place).count > 5 }
            #expect(Self.count("no keys for tokens", in: engine) == 3)
            #expect(engine.log.contains("keys=https://login.example/.well-known/jwks.json"))

            shelf[Self.secretPlace] = #"{"token":"with a blank"}"#
            try await eventually("another problem is told") { engine.log.contains("no request can carry it") }
            shelf[Self.secretPlace] = #"{"token":"right"}"#
            shelf[Self.place] = PeerTokens.document()
            try await eventually("the shared token heals") { try await Self.status(engine, "/shared", "right") == 200 }
            try await eventually("the document heals") { try await Self.status(engine, "/me", Self.old) == 200 }
            #expect(try await Self.status(engine, "/hs", Self.old) == 503)
            #expect(Self.count("the keys can be read again", in: engine) == 2)
        }
    }

    @Test func `without a sidecar there are no keys, and with it they are back, those from before never gone`()
        async throws
    {
        let shelf = Shelf([Self.place: PeerTokens.document()])
        try await Self.with(
            shelf,
            {
                $0.age = .milliseconds(20)
                $0.retryLow = .milliseconds(20)
                $0.retryHigh = .milliseconds(20)
            }
        ) { engine async throws in
            #expect(try await Self.status(engine, "/me", Self.old) == 200)
            await engine.sidecar.stop()
            try await eventually("the loss is told") { engine.log.contains("the ones from before go on") }
            #expect(try await Self.status(engine, "/me", Self.old) == 200)
            #expect(try await Self.status(engine, "/shared", "right") == 503)
            shelf[Self.secretPlace] = #"{"token":"right"}"#
            let other = try FakeSidecar(port: engine.sidecar.port, script: shelf.script)
            do {
                try await eventually("what was never there is") {
                    try await Self.status(engine, "/shared", "right") == 200
                }
                try await eventually("both are told") { Self.count("the keys can be read again", in: engine) == 2 }
                #expect(try await Self.status(engine, "/me", Self.old) == 200)
            } catch {
                await other.stop()
                throw error
            }
            await other.stop()
        }
    }

    @Test func `a token by a new key has the keys renewed, once in a while, and waits for them`() async throws {
        let shelf = Shelf([Self.place: PeerTokens.document()])
        try await Self.with(shelf) { engine async throws in
            #expect(try await Self.status(engine, "/me", Self.old) == 200)
            shelf[Self.place] = PeerTokens.document("other_jwks")
            #expect(try await Self.status(engine, "/me", Self.old) == 200, "an old key is good until another is seen")
            #expect(try await Self.status(engine, "/me", Self.new) == 200)
            let asked = engine.sidecar.calls(to: Self.place).count
            #expect(asked == 2)
            // Both loops know: the old key is gone, and what was verified with it, too.
            for _ in 0..<8 { #expect(try await Self.status(engine, "/me", Self.old) == 401) }
            for _ in 0..<8 { #expect(try await Self.status(engine, "/me", Self.new) == 200) }
            #expect(engine.sidecar.calls(to: Self.place).count == asked, "strangers must not make us ask")
        }
    }

    @Test func `old keys go on while a renewal fails, by age too, and the trouble is told once`() async throws {
        let shelf = Shelf([Self.place: PeerTokens.document(), Self.secretPlace: #"{"token":"right"}"#])
        try await Self.with(
            shelf,
            {
                $0.age = .milliseconds(20)
                $0.retryLow = .milliseconds(10)
                $0.retryHigh = .milliseconds(10)
            }
        ) { engine async throws in
            #expect(try await Self.status(engine, "/me", Self.old) == 200)
            #expect(try await Self.status(engine, "/shared", "right") == 200)
            for bad in [nil, "not JSON", #"{"keys":[]}"#, String(repeating: " ", count: 300_000)] {
                shelf[Self.place] = bad
                let asked = engine.sidecar.calls(to: Self.place).count
                try await eventually("it is asked again") { engine.sidecar.calls(to: Self.place).count > asked + 3 }
                #expect(try await Self.status(engine, "/me", Self.old) == 200)
            }
            // `/hs` has none at all, the document had four kinds of trouble.
            #expect(Self.count("no keys for tokens", in: engine) == 5)
            #expect(engine.log.contains("the ones from before go on"))
            shelf[Self.place] = PeerTokens.document("other_jwks")
            try await eventually("age alone brings the new key") {
                try await Self.status(engine, "/me", Self.old) == 401
            }
            #expect(try await Self.status(engine, "/me", Self.new) == 200)
        }
    }

    @Test func `a shared token that was changed counts at once, and the old one no more`() async throws {
        let shelf = Shelf([Self.secretPlace: #"{"token":"first"}"#])
        try await Self.with(shelf) { engine async throws in
            #expect(try await Self.status(engine, "/shared", "first") == 200)
            shelf[Self.secretPlace] = #"{"token":"second"}"#
            #expect(try await Self.status(engine, "/shared", "second") == 200)
            for _ in 0..<8 { #expect(try await Self.status(engine, "/shared", "first") == 401) }
        }
    }

    @Test func `a token that is remembered ends when it ends`() async throws {
        let secret = PeerTokens.text("secret")
        let shelf = Shelf([
            "/v1.0/secrets/secrets/jwt":
                String(
                    decoding: JSON.object([.init("hs", .string(secret)), .init("x", "y")]).serialized(), as: UTF8.self)
        ])
        try await Self.with(shelf) { engine async throws in
            let end = Date().timeIntervalSince1970 + 4
            let token = PeerTokens.signed(with: secret, .init("exp", .double(end)))
            #expect(try await Self.status(engine, "/hs", token) == 200)
            try await eventually("it ends") { try await Self.status(engine, "/hs", token) == 401 }
            #expect(Date().timeIntervalSince1970 >= end)
            let later = PeerTokens.signed(with: secret, .init("nbf", .double(end + 3600)))
            #expect(try await Self.status(engine, "/hs", later) == 401)
        }
    }

    @Test func `a reload that changes who may call changes it, and a mistake in it lets nobody in`() async throws {
        let shelf = Shelf([Self.place: PeerTokens.document(), Self.secretPlace: #"{"token":"right"}"#])
        try await Self.with(shelf) { engine async throws in
            #expect(try await Self.status(engine, "/shared", "right") == 200)
            try engine.folder.write("routes/app/routes.bay", #"get "/shared" (auth: secrets("x")) { return 1 }"#)
            try await eventually("the mistake is told") { engine.log.contains("the change was not taken") }
            #expect(try await engine.request(.get, "/shared").status == 401)
            try engine.folder.write(
                "routes/app/routes.bay",
                Self.routes.replacing(#"auth: secret("secrets/token")"#, with: "auth: login"))
            try await eventually("the change is live") { try await engine.liveGeneration() == 2 }
            #expect(try await Self.status(engine, "/shared", "right") == 401)
            #expect(try await Self.status(engine, "/shared", Self.old) == 200)
        }
    }

    @Test func `a sidecar that does not answer keeps requests waiting no longer than the question`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, sidecar: { _ in .held },
            adjust: { $0.keyTimes.timeout = .milliseconds(200) }
        ) { engine async throws in
            #expect(try await Self.status(engine, "/me", Self.old) == 503)
        }
    }
}
