// EndpointOptionTests.swift: what an endpoint takes in a second, and whose pages may call it.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct EndpointOptionTests {
    private static let routes = """
        get "/few" (limit: 3) { return 1 }
        get "/open" (cors: "*") { return 1 }
        put "/named/{id}" (cors: ["https://shop.example", "http://localhost:8080"]) { fail not_found("none") }
        get "/closed" { return 1 }
        """

    @Test(arguments: [1, 4])
    func `the surplus of a second is 429 at once, whichever loop it came in on`(loops: Int) async throws {
        try await EngineUnderTest.with(routes: Self.routes, adjust: { $0.loopCount = loops }) { engine async throws in
            let began = ContinuousClock.now
            let replies = try await withThrowingTaskGroup(of: Reply.self, returning: [Reply].self) { group in
                for _ in 0..<12 { group.addTask { try await engine.request(.get, "/few") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = replies.filter { $0.status == 429 }
            // On a machine that took longer than a second for these, more would be right.
            if ContinuousClock.now - began < .seconds(1) { #expect(refused.count == 9) }
            #expect(replies.count { $0.status == 200 } + refused.count == 12 && !refused.isEmpty)
            #expect(refused.allSatisfy { $0.headers["retry-after"] == "1" && $0.json["type"]?.string == "TOO_MANY" })
            #expect(try await engine.request(.get, "/closed").status == 200)
            try await eventually("the next second takes more") { try await engine.request(.get, "/few").status == 200 }
        }
    }

    @Test(
        arguments: [
            ("/open", "https://any.example", "*"), ("/named/1", "https://shop.example", "https://shop.example"),
            ("/named/1", "http://localhost:8080", "http://localhost:8080"), ("/named/1", "https://evil.example", nil),
            ("/named/1", "https://shop.example.evil", nil), ("/closed", "https://shop.example", nil),
        ] as [(String, String, String?)])
    func `an answer names the origin that may read it, whatever its status`(
        path: String, origin: String, allowed: String?
    ) async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            let method: HTTPMethod = path.hasPrefix("/named") ? .put : .get
            let reply = try await engine.request(method, path, headers: [("origin", origin)])
            #expect(reply.status == (method == .put ? 404 : 200))
            #expect(reply.headers["access-control-allow-origin"] == allowed)
            #expect(reply.headers["vary"] == (method == .put ? "origin" : nil))

            let asked = try await engine.request(
                .options, path,
                headers: [
                    ("origin", origin), ("access-control-request-method", method.rawValue),
                    ("access-control-request-headers", "content-type"),
                ])
            #expect(asked.status == (allowed == nil ? 404 : 204))
            #expect(asked.headers["access-control-allow-origin"] == allowed)
            if allowed != nil {
                #expect(asked.headers["access-control-allow-methods"] == method.rawValue)
                #expect(asked.headers["access-control-allow-headers"] == "content-type")
            }
        }
    }
}
