// BadEventTests.swift: what is delivered and is no event, or an event that nobody takes: the table of docs/operations.md.

import Machine
import Testing
import Transport
import Wire

@testable import Engine

struct BadEventTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let told: String
        let counted: String
        /// In the log, so that a person knows what was wrong.
        let says: String
        var testDescription: String { name }
    }

    private static func without(_ attribute: String) -> String {
        envelope.filter { $0.0 != attribute }.json
    }

    private static func with(_ attribute: String, _ value: String) -> String {
        envelope.map { $0.0 == attribute ? ($0.0, value) : $0 }.json
    }

    private static let envelope: [(String, String)] = [
        ("specversion", #""1.0""#), ("id", #""1""#), ("source", #""s""#), ("type", #""known""#), ("data", "{}"),
    ]

    static let rows: [Row] =
        [
            Row(name: "an empty body", body: "", told: "DROP", counted: "invalid", says: "the body is empty"),
            Row(name: "no JSON", body: "hello", told: "DROP", counted: "invalid", says: "not JSON"),
            Row(name: "half an object", body: #"{"id":"1","#, told: "DROP", counted: "invalid", says: "not JSON"),
            Row(
                name: "a list", body: "[1]", told: "DROP", counted: "invalid",
                says: "an event is a JSON object, not list"),
            Row(name: "a number", body: "7", told: "DROP", counted: "invalid", says: "an event is a JSON object, not"),
            Row(name: "two values", body: "{} {}", told: "DROP", counted: "invalid", says: "not JSON"),
            Row(
                name: "too deep", body: String(repeating: "[", count: 5000), told: "DROP", counted: "invalid",
                says: "not JSON"),
            Row(
                name: "another version", body: with("specversion", #""0.3""#), told: "DROP", counted: "invalid",
                says: "`specversion` is `0.3`"),
            Row(
                name: "bad base64", body: (envelope.filter { $0.0 != "data" } + [("data_base64", #""!""#)]).json,
                told: "DROP", counted: "invalid", says: "data_base64"),
            Row(
                name: "data twice", body: (envelope + [("data_base64", #""AA==""#)]).json, told: "DROP",
                counted: "invalid", says: "exclude each other"),
            Row(
                name: "a type that no rule names", body: with("type", #""stranger""#), told: "SUCCESS",
                counted: "unmatched", says: "no rule took the event"),
            Row(name: "all is well", body: envelope.json, told: "SUCCESS", counted: "success", says: ""),
        ]
        + ["id", "source", "type", "specversion"].flatMap { attribute in
            [
                Row(
                    name: "no \(attribute)", body: without(attribute), told: "DROP", counted: "invalid",
                    says: "`\(attribute)` is missing"),
                Row(
                    name: "null \(attribute)", body: with(attribute, "null"), told: "DROP", counted: "invalid",
                    says: "`\(attribute)` is missing"),
                Row(
                    name: "empty \(attribute)", body: with(attribute, #""""#), told: "DROP", counted: "invalid",
                    says: "`\(attribute)` is"),
                Row(
                    name: "numeric \(attribute)", body: with(attribute, "1"), told: "DROP", counted: "invalid",
                    says: "`\(attribute)` is"),
            ]
        }

    private static let routes = #"subscribe "bus/things" (dead_letter: "dead") { on "known" { log.debug("taken") } }"#

    @Test func `each body ends in its documented outcome, counted, with a message`() async throws {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            var expected: [String: Int64] = [:]
            for row in Self.rows {
                let reply = try await engine.deliver(body: row.body)
                #expect(reply.status == 200, "\(row.name)")
                #expect(reply.json["status"]?.string == row.told, "\(row.name): \(reply.text)")
                expected[row.counted, default: 0] += 1
                #expect(try await engine.outcomes() == expected, "\(row.name)")
                let line = engine.log.text.split(separator: "\n").last ?? ""
                #expect(row.says.isEmpty || line.contains(row.says), "\(row.name): \(line)")
            }
        }
    }

    @Test func `an event in binary form is an event, its data what its content type says`() async throws {
        let routes = """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead") { on "known" where event.colour == "red" { shelf.save(event.id, event.data) } }
            """
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            let forms = [
                ("json", "application/json", #"{"a":1.0}"#, #"{"a":1.0}"#), ("text", "text/plain", "hi", "\"hi\""),
            ]
            for (id, type, body, saved) in forms {
                let reply = try await engine.deliver(
                    body: body,
                    headers: [
                        ("content-type", type), ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "s"),
                        ("ce-type", "known"), ("ce-colour", "red"),
                    ])
                #expect(reply.json["status"]?.string == "SUCCESS")
                #expect(engine.sidecar.saved("statestore/\(id)") == saved)
            }
            #expect(try await engine.outcomes() == ["success": 2])
        }
    }

    @Test func `a topic that nothing subscribes is answered RETRY, counted and said loudly, but not for each event`()
        async throws
    {
        try await EngineUnderTest.with(routes: Self.routes) { engine async throws in
            for number in 0..<5 {
                #expect(try await engine.deliver("known", id: "\(number)", to: "bus/others") == "RETRY")
            }
            #expect(try await engine.outcomes() == ["unsubscribed": 5])
            let complaints = engine.log.text.split(separator: "\n").filter { $0.contains("topic=bus/others") }
            #expect(complaints.count == 1 && complaints[0].contains("error"))
        }
    }

    @Test(arguments: [
        ("GET", "/nothing"), ("GET", "/"), ("POST", "/things/1"), ("GET", "/things"), ("GET", "/things/1/2"),
        ("PUT", "/dapr/config"),
    ])
    func `an unknown path or method is 404 with the one form of an error`(method: String, path: String) async throws {
        try await EngineUnderTest.with(routes: #"get "/things/{id}" { return request.params.id }"#) {
            engine async throws in
            let reply = try await engine.request(try #require(HTTPMethod(rawValue: method)), path)
            #expect(reply.status == 404)
            #expect(reply.json["type"]?.string == "NOT_FOUND" && reply.json["code"]?.int == 404)
            #expect(reply.json["message"]?.string?.contains("\(method) \(path)") == true)
            #expect(reply.headers["content-type"] == "application/json")
        }
    }

    @Test func `a body beyond the limit is 413 on both ports, and the engine goes on`() async throws {
        let routes = Self.routes + "\n" + #"post "/things" { return request.body }"#
        try await EngineUnderTest.with(routes: routes) { engine async throws in
            let large = String(repeating: "x", count: 10 << 20)
            for port in [engine.ports.publicPort, engine.ports.appPort] {
                let answered = try await RawConnection.exchange(
                    port: port, head: "POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: \(large.utf8.count)\r\n\r\n")
                #expect(answered.hasPrefix("HTTP/1.1 413 "), "before a byte of the body: \(answered)")
            }
            let status = try? await engine.deliver(body: EngineUnderTest.event("known", data: "\"\(large)\"")).status
            #expect(status == nil || status == 413)
            #expect(try await engine.deliver("known") == "SUCCESS")
            #expect(try await engine.outcomes() == ["success": 1])
        }
    }

    @Test(arguments: ["{", "nul", #"{"a":}"#, "\u{1}"])
    func `a request's body that is no JSON is 400`(body: String) async throws {
        try await EngineUnderTest.with(routes: #"post "/things" { return request.body }"#) { engine async throws in
            let reply = try await engine.request(
                .post, "/things", headers: [("content-type", "application/json")], body: body)
            #expect(reply.status == 400 && reply.json["type"]?.string == "INVALID")
            #expect(reply.json["message"]?.string?.contains("not valid JSON") == true)
        }
    }
}

extension [(String, String)] {
    fileprivate var json: String { "{" + map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}" }
}
