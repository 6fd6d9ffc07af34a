// HandlerEndTests.swift: how a handler ends, for an event and for a request: the two tables of the language page.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct HandlerEndTests {
    struct Row: Sendable {
        /// What the handler does.
        let does: String
        /// The word that answers the event, and the counter that grows.
        let told: String
        let counted: String
        /// The answer to the request, with a piece of its body.
        let status: Int
        let says: String

        init(_ does: String, _ told: String, _ counted: String, _ status: Int, _ says: String) {
            self.does = does
            self.told = told
            self.counted = counted
            self.status = status
            self.says = says
        }
    }

    private static let ends: [Row] = [
        Row("log.debug(\"fine\")", "SUCCESS", "success", 204, ""),
        Row("return { a: 1 }", "SUCCESS", "success", 200, #"{"a":1}"#),
        Row("return null", "SUCCESS", "success", 204, ""),
        Row(
            #"return respond(status: 201, body: [1, 2], headers: { "x-colour": "red" })"#, "SUCCESS", "success", 201,
            "[1,2]"),
        Row(#"retry "later""#, "RETRY", "retry", 503, #"{"type":"UNAVAILABLE","code":503,"message":"later"}"#),
        Row(#"drop "never""#, "DROP", "drop", 204, ""),
    ]

    /// `fail` of each class: what the script says is meant for the caller.
    private static let classes: [Row] = [
        ("invalid", "DROP", "drop", 400), ("unauthorized", "DROP", "drop", 401), ("forbidden", "DROP", "drop", 403),
        ("not_found", "DROP", "drop", 404), ("conflict", "RETRY", "retry", 409),
        ("precondition", "RETRY", "retry", 412),
        ("too_many", "RETRY", "retry", 429), ("internal", "RETRY", "retry", 500),
        ("unavailable", "RETRY", "retry", 503),
        ("timeout", "RETRY", "retry", 504),
    ].map { name, told, counted, status in
        Row(
            #"fail \#(name)("no luck", { a: 1 })"#, told, counted, status,
            #"{"type":"\#(name.uppercased())","code":\#(status),"message":"no luck","details":{"a":1}}"#)
    }

    /// Another app's status that nothing catches: RETRY for an event; for a request its class, unless it blames the caller.
    private static let downstream: [Row] = [
        (400, 500, "INTERNAL"), (401, 500, "INTERNAL"), (403, 500, "INTERNAL"), (404, 404, "NOT_FOUND"),
        (409, 409, "CONFLICT"), (412, 412, "PRECONDITION"), (418, 500, "INTERNAL"), (422, 500, "INTERNAL"),
        (408, 504, "TIMEOUT"), (429, 429, "TOO_MANY"), (500, 500, "INTERNAL"), (502, 503, "UNAVAILABLE"),
        (503, 503, "UNAVAILABLE"), (504, 504, "TIMEOUT"),
    ].map { came, status, type in
        Row(#"other.get("/\#(came)")"#, "RETRY", "retry", status, #""type":"\#(type)""#)
    }

    private static let faults: [Row] = [
        Row("return uuid().to_int() + 1", "RETRY", "fault", 500, "internal error "),
        Row("var n = 0\n for i in 0..9_000_000 { n += 1 }\n return n", "RETRY", "exhausted", 503, "internal error "),
        Row(
            #"var s = "0123456789abcdef"\#n for _i in 0..<40 { s = "${s}${s}" }\#n return s.length()"#, "RETRY",
            "exhausted", 503, "internal error "),
        Row("return respond(status: 42)", "RETRY", "fault", 500, "internal error "),
        Row(#"other.get("/404") catch e { log.info(e.class) }"#, "SUCCESS", "success", 204, ""),
        Row(#"other.get("/404") catch fail conflict("instead")"#, "RETRY", "retry", 409, #""message":"instead""#),
    ]

    private static let all = ends + classes + downstream + faults

    private static var routes: String {
        let rules = all.enumerated().map { #"  on "row.\#($0)" { \#($1.does) }"# }
        let endpoints = all.enumerated().map { #"get "/row/\#($0)" { \#($1.does) }"# }
        return """
            app other = "other"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) {
            \(rules.joined(separator: "\n"))
            }
            \(endpoints.joined(separator: "\n"))
            """
    }

    @Test func `each way to end answers the event with its word, counts it, and answers the request with its status`()
        async throws
    {
        try await EngineUnderTest.with(
            routes: Self.routes,
            sidecar: { call in
                guard call.target.hasPrefix("/v1.0/invoke/other/method/") else { return .usual }
                return .reply(call.target.split(separator: "/").last.flatMap { Int($0) } ?? 200, #"{"why":"scripted"}"#)
            }
        ) { engine async throws in
            for (number, row) in Self.all.enumerated() {
                let before = try await engine.outcomes()
                let told = try await engine.deliver("row.\(number)")
                #expect(told == row.told, "\(row.does)")
                var expected = before
                expected[row.counted, default: 0] += 1
                let after = try await engine.outcomes()
                #expect(after == expected, "\(row.does)")
                let reply = try await engine.request(.get, "/row/\(number)")
                #expect(reply.status == row.status, "\(row.does)")
                #expect(
                    row.says.isEmpty ? reply.text.isEmpty : reply.text.contains(row.says), "\(row.does): \(reply.text)")
            }
            let declared = try await engine.request(.get, "/row/3")
            #expect(declared.headers["x-colour"] == "red")
            #expect(declared.headers["content-type"] == "application/json")
        }
    }

    @Test
    func `what does not fit its record is dropped as an event and refused as a request, with path, wanted and found`()
        async throws
    {
        let routes = """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead") { on "order.v1" => orders.hold }
            post "/orders" => orders.take
            """
        let orders = """
            record Line { sku: string(1..8), qty: int(1..) = 1 }
            record Order { id: string(1..256), lines: [Line](1..3), note: string? }
            handler hold(event: Event<Order>) { shelf.save(event.data.id, event.data) }
            handler take(request: Request<Order>) { return request.body.lines }
            """
        let misfits: [(data: String, path: String)] = [
            ("{}", "id"), (#"{"id":7,"lines":[{"sku":"a"}]}"#, "id"), (#"{"id":"","lines":[{"sku":"a"}]}"#, "id"),
            (#"{"id":"a","lines":[]}"#, "lines"), (#"{"id":"a","lines":[{"sku":"a"},{"sku":"b","qty":0}]}"#, "qty"),
            (#"{"id":"a","lines":[{"sku":"123456789"}]}"#, "sku"), (#"{"id":"a","lines":{}}"#, "lines"),
            (#"{"id":"a","lines":[{"sku":"a"}],"note":1}"#, "note"), ("[]", "data"), (#""text""#, "data"),
            ("null", "data"),
        ]
        try await EngineUnderTest.with(routes: routes, scripts: ["orders": orders]) { engine async throws in
            for (number, misfit) in misfits.enumerated() {
                #expect(
                    try await engine.deliver("order.v1", id: "bad-\(number)", data: misfit.data) == "DROP",
                    "\(misfit.data)")
                let line = engine.log.text.split(separator: "\n").last { $0.contains("event=bad-\(number) ") } ?? ""
                #expect(line.contains("does not fit") && line.contains(misfit.path), "\(misfit.data): \(line)")
                let reply = try await engine.request(
                    .post, "/orders", headers: [("content-type", "application/json")], body: misfit.data)
                #expect(reply.status == 400 && reply.json["type"]?.string == "INVALID", "\(misfit.data): \(reply.text)")
            }
            #expect(try await engine.outcomes() == ["invalid": Int64(misfits.count)])
            #expect(engine.sidecar.calls.isEmpty)
            #expect(
                try await engine.deliver("order.v1", data: #"{"id":"a","lines":[{"sku":"s"}],"more":[1.0]}"#)
                    == "SUCCESS")
            #expect(engine.sidecar.saved("statestore/a")?.contains(#""qty":1"#) == true)
            #expect(engine.sidecar.saved("statestore/a")?.contains(#""more":[1.0]"#) == true)
        }
    }

    @Test func `a fault names the place, the event, the route, the generation and what was already done`() async throws
    {
        let routes = """
            store shelf = "statestore"
            app other = "other"
            subscribe "bus/things" (dead_letter: "dead", retry: 5, backoff: 1ms..2ms) { on "boom" => parts.boom }
            """
        let parts = """
            handler boom(event) {
              shelf.save("a", 1)
              for n in 0..<3 { other.post("/count", n) }
              return event.data.missing.deeper
            }
            """
        try await EngineUnderTest.with(routes: routes, scripts: ["parts": parts]) { engine async throws in
            #expect(try await engine.deliver("boom", id: "event-77") == "RETRY")
            #expect(try await engine.outcomes() == ["fault": 1])
            #expect(try await engine.number("repetitions") == 0)
            #expect(engine.sidecar.calls.count == 4, "a fault is not repeated")
            let log = engine.log.text
            for piece in [
                "parts.bay:4:", "F0901", "id=event-77", "boom", "routes.bay:3", "generation 1",
                "effects already carried out: shelf.save, other.post × 3",
            ] {
                #expect(log.contains(piece), "\(piece) is not in:\n\(log)")
            }
        }
    }
}
