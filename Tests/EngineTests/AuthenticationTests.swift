// AuthenticationTests.swift: who gets to an endpoint with `auth`, and what the others are told, on both doors.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct AuthenticationTests {
    private static let shared = "a-token-that-two-machines-share"
    static let documentPlace = "/v1.0/invoke/https%3A%2F%2Flogin.example/method/.well-known/jwks.json"

    static func shelf() -> Shelf {
        Shelf([
            "/v1.0/secrets/secrets/token": #"{"token":"\#(shared)"}"#,
            "/v1.0/secrets/secrets/jwt":
                String(
                    decoding: JSON.object([.init("hs", .string(PeerTokens.text("secret")))]).serialized(), as: UTF8.self
                ),
            documentPlace: PeerTokens.document(),
        ])
    }

    static let routes = """
        let login = { issuer: "https://login.example", audience: "shop", keys: "https://login.example/.well-known/jwks.json" }
        get  "/shared" (auth: secret("secrets/token")) {
          return { claims: request.claims, headers: request.headers, caller: request.caller }
        }
        get  "/me"      (auth: login) { return { sub: request.claims.sub, scope: request.claims.scope } }
        get  "/read"    (auth: { ...login, scope: "orders:read" }) { return 1 }
        post "/write"   (auth: { ...login, scope: ["orders:read", "orders:write"] }) { return request.body }
        get  "/hs"      (auth: { ...login, keys: secret("secrets/jwt", "hs") }) { return request.claims.sub }
        get  "/es"      (auth: { ...login, algorithms: "ES256" }) { return 1 }
        get  "/few"     (auth: secret("secrets/token"), limit: 2) { return 1 }
        get  "/counted" (auth: login, limit: 1000) { return request.claims.sub }
        put  "/browser" (auth: login, cors: "https://shop.example") { return 1 }
        get  "/open"    { return request.claims }
        """

    private static func bearer(_ token: String) -> [(String, String)] { [("authorization", "Bearer \(token)")] }

    private static func with(
        loops: Int = 2, shelf: Shelf = shelf(), _ test: (EngineUnderTest) async throws -> Void
    ) async throws {
        try await EngineUnderTest.with(
            routes: routes, sidecar: shelf.script, adjust: { $0.loopCount = loops }, test)
    }

    private struct Row: Sendable {
        let path: String
        let authorization: String?
        let status: Int
        var body = ""
        var challenge: String?
    }

    private static let realm = #"Bearer realm="app""#

    private static func invalid(_ why: String) -> String {
        #"\#(realm), error="invalid_token", error_description="\#(why)""#
    }

    private static let rows: [Row] = {
        let token = PeerTokens.text("tokens", "RS256")
        let none = #"{"type":"UNAUTHORIZED","code":401,"message":"this endpoint takes a bearer token"}"#
        let read = PeerTokens.text("scopes", "read")
        let lacking = "the token has not every scope that this endpoint asks for"
        return [
            Row(path: "/open", authorization: "Bearer any", status: 204),
            Row(path: "/shared", authorization: nil, status: 401, body: none, challenge: realm),
            Row(path: "/shared", authorization: "Basic YTpi", status: 401, body: none, challenge: realm),
            Row(
                path: "/shared", authorization: "Bearer", status: 400,
                challenge:
                    #"\#(realm), error="invalid_request", error_description="one Authorization header with one bearer token is taken""#
            ),
            Row(path: "/shared", authorization: "Bearer a b", status: 400),
            Row(
                path: "/shared", authorization: "Bearer \(shared)x", status: 401,
                body: #"{"type":"UNAUTHORIZED","code":401,"message":"the token is wrong"}"#,
                challenge: invalid("the token is wrong")),
            Row(path: "/shared", authorization: "Bearer \(shared.dropLast())", status: 401),
            Row(path: "/shared", authorization: "Bearer \(shared.uppercased())", status: 401),
            Row(path: "/me", authorization: nil, status: 401, body: none, challenge: realm),
            Row(
                path: "/me", authorization: "Bearer \(token)", status: 200,
                body: #"{"sub":"alice","scope":"orders:read orders:write"}"#),
            Row(path: "/me", authorization: "bEARER   \(token)", status: 200),
            Row(
                path: "/me", authorization: "Bearer \(token)x", status: 401,
                challenge: invalid("the token is not a signed JSON Web Token")),
            Row(path: "/me", authorization: "Bearer \(shared)", status: 401),
            Row(
                path: "/me", authorization: "Bearer \(PeerTokens.data["refused"]?["expired"]?[0]?.string ?? "")",
                status: 401,
                challenge: invalid("the token has expired")),
            Row(
                path: "/me", authorization: "Bearer \(PeerTokens.text("tokens", "HS256"))", status: 401,
                challenge: invalid("the token is signed with an unknown key")),
            Row(
                path: "/es", authorization: "Bearer \(token)", status: 401,
                challenge: invalid("the token is signed with an algorithm that is not allowed")),
            Row(path: "/es", authorization: "Bearer \(PeerTokens.text("tokens", "ES256"))", status: 200),
            Row(
                path: "/hs", authorization: "Bearer \(PeerTokens.text("tokens", "HS512"))", status: 200,
                body: #""alice""#),
            Row(path: "/hs", authorization: "Bearer \(token)", status: 401),
            Row(path: "/read", authorization: "Bearer \(read)", status: 200),
            Row(path: "/counted", authorization: "Bearer \(token)", status: 200, body: #""alice""#),
            Row(path: "/counted", authorization: nil, status: 401),
            Row(path: "/read", authorization: "Bearer \(PeerTokens.text("scopes", "scp list"))", status: 200),
            Row(
                path: "/read", authorization: "Bearer \(PeerTokens.text("scopes", "none"))", status: 403,
                body: #"{"type":"FORBIDDEN","code":403,"message":"\#(lacking)"}"#,
                challenge:
                    #"\#(realm), error="insufficient_scope", error_description="\#(lacking)", scope="orders:read""#),
            // No endpoint: the path is no secret, and nothing is asked for it.
            Row(path: "/nothing", authorization: "Bearer \(token)", status: 404),
        ]
    }()

    @Test(arguments: [1, 3])
    func `who may call gets through and who may not is told why, on the public port and the app channel`(
        loops: Int
    ) async throws {
        try await Self.with(loops: loops) { engine async throws in
            for (door, port) in [("public", engine.ports.publicPort), ("app channel", engine.ports.appPort)] {
                // Twice: what is remembered of the first time must not change the answer.
                for row in Self.rows + Self.rows {
                    let reply = try await engine.control.send(
                        .get, port: port, row.path,
                        headers: row.authorization.map { [("authorization", $0)] } ?? [], body: [])
                    let what = "\(door) \(row.path) \(row.authorization ?? "") \(reply.text)"
                    #expect(reply.status == row.status, "\(what)")
                    if !row.body.isEmpty { #expect(reply.text == row.body, "\(what)") }
                    if let challenge = row.challenge {
                        #expect(reply.headers["www-authenticate"] == challenge, "\(what)")
                    }
                    #expect(
                        (reply.headers["www-authenticate"] == nil) == ![400, 401, 403].contains(row.status), "\(what)")
                }
            }
        }
    }

    @Test func `with a shared token there are no claims, and the handler does not see it`() async throws {
        try await Self.with { engine async throws in
            let headers = Self.bearer(Self.shared) + [("x-other", "1"), ("dapr-caller-app-id", "till")]
            let reply = try await engine.control.send(
                .get, port: engine.ports.appPort, "/shared", headers: headers, body: [])
            #expect(reply.status == 200 && reply.json["claims"] == .null && reply.json["caller"]?.string == "till")
            #expect(reply.json["headers"]?["x-other"]?.string == "1" && reply.json["headers"]?["authorization"] == nil)
            #expect(!reply.text.contains(Self.shared) && !engine.log.contains(Self.shared))
        }
    }

    @Test func `a request with two tokens is refused, even when both are right`() async throws {
        try await Self.with { engine async throws in
            let reply = try await engine.request(
                .get, "/shared", headers: Self.bearer(Self.shared) + Self.bearer(Self.shared))
            #expect(reply.status == 400)
        }
    }

    @Test func `the token comes before the body and before the limit`() async throws {
        try await Self.with { engine async throws in
            let json = [("content-type", "application/json")]
            let token = Self.bearer(PeerTokens.text("tokens", "ES256"))
            #expect(try await engine.request(.post, "/write", headers: json, body: "{").status == 401)
            #expect(try await engine.request(.post, "/write", headers: json + token, body: "{").status == 400)
            #expect(try await engine.request(.post, "/write", headers: json + token, body: "[1]").text == "[1]")
            for _ in 0..<20 { #expect(try await engine.request(.get, "/few").status == 401) }
            let right = Self.bearer(Self.shared)
            let first = try await engine.request(.get, "/few", headers: right)
            #expect(first.status == 200)
        }
    }

    @Test func `claims that a run cannot have are never none`() async throws {
        let deep = PeerTokens.text("taken", "aud is a list")
        try await EngineUnderTest.with(
            routes: Self.routes, sidecar: Self.shelf().script, adjust: { $0.limits.run.jsonDepthMax = 1 }
        ) { engine async throws in
            let refused = try await engine.request(.get, "/me", headers: Self.bearer(deep))
            #expect(refused.status == 400 && refused.text.contains("the claims of the token cannot be read"))
            let taken = try await engine.request(.get, "/me", headers: Self.bearer(PeerTokens.text("tokens", "ES256")))
            #expect(taken.status == 200)
        }
    }

    @Test func `a browser asks without a token, and may read why it was refused`() async throws {
        try await Self.with { engine async throws in
            let origin = [("origin", "https://shop.example")]
            let asked = try await engine.request(
                .options, "/browser",
                headers: origin + [
                    ("access-control-request-method", "PUT"), ("access-control-request-headers", "authorization"),
                ])
            #expect(asked.status == 204 && asked.headers["access-control-allow-headers"] == "authorization")
            for (token, status) in [([], 401), (Self.bearer(PeerTokens.text("tokens", "EdDSA")), 200)] {
                let reply = try await engine.request(.put, "/browser", headers: origin + token)
                #expect(reply.status == status)
                #expect(reply.headers["access-control-allow-origin"] == "https://shop.example")
            }
        }
    }

    @Test func `refused requests are counted by their reason`() async throws {
        try await Self.with { engine async throws in
            for row in Self.rows {
                _ = try await engine.request(
                    .get, row.path, headers: row.authorization.map { [("authorization", $0)] } ?? [])
            }
            let refused = try #require(try await engine.admin("/generations").json["refused"])
            #expect(
                refused == [
                    "no_token": 4, "malformed_request": 2, "bad_token": 9, "missing_scope": 1, "no_keys": 0,
                ])
            #expect(try await engine.outcomes().isEmpty)
            #expect(engine.log.contains("a request was refused: the token has expired"))
        }
    }

    @Test func `of all loops together the issuer is asked once`() async throws {
        try await Self.with(loops: 4) { engine async throws in
            let token = Self.bearer(PeerTokens.text("tokens", "RS256"))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await engine.request(.get, "/me", headers: token).status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(engine.sidecar.calls(to: Self.documentPlace).count == 1)
            let call = try #require(engine.sidecar.calls(to: Self.documentPlace).first)
            #expect(call.method == "GET" && call.headers["authorization"] == nil)
        }
    }
}
