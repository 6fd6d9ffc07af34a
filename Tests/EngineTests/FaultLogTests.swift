// FaultLogTests.swift: what the log says of a run that faulted, for people and for programs, fact by fact.
//
// Neighbours: Engine/OutcomeReport.swift, Engine/Log+JSON.swift.

import Machine
import Testing
import Wire

@testable import Engine

struct FaultLogTests {
    private static let routes = """
        store shelf = "statestore"
        app other = "other"
        subscribe "bus/things" (dead_letter: "dead", retry: 0) {
          on "boom"  => parts.boom
          on "spin"  => parts.spin
          on "grow"  => parts.grow
          on "early" => parts.early
        }
        get "/boom/{id}" => parts.boom
        """
    private static let parts = """
        handler boom(input) {
          shelf.save("a", 1)
          for n in 0..<3 { other.post("/count", n) }
          return input["data"].missing.deeper
        }
        handler spin(event) {
          let text = "a".repeat(1_000)
          shelf.save("b", text)
          for _ in 0..<1_000_000_000 { let _x = text.contains("b") }
        }
        handler grow(event) {
          for _ in 0..<1_000_000_000 { let _x = "a".repeat(1_000_000) }
        }
        handler early(event) { return 1 + event.data.none }
        """

    /// What a fault is told with: the same in both formats.
    struct Expected: Sendable, CustomTestStringConvertible {
        let type: String
        let code: String
        let says: String
        let line: Int
        let column: Int
        let effects: [(effect: String, count: Int)]
        let route: String
        var testDescription: String { type }
    }

    static let table: [Expected] = [
        Expected(
            type: "boom", code: "F0901", says: "cannot read", line: 4, column: 32,
            effects: [("shelf.save", 1), ("other.post", 3)], route: "routes/app/routes.bay:4"),
        Expected(
            type: "spin", code: "F0902", says: "ran out of fuel after 50000 steps", line: 9, column: 46,
            effects: [("shelf.save", 1)], route: "routes/app/routes.bay:5"),
        Expected(
            type: "grow", code: "F0903", says: "the run's values take more than 2097152 bytes", line: 12, column: 45,
            effects: [], route: "routes/app/routes.bay:6"),
        Expected(
            type: "early", code: "F0907", says: "null", line: 14, column: 31, effects: [],
            route: "routes/app/routes.bay:7"),
    ]

    private static func limit(_ configuration: inout EngineConfiguration) {
        configuration.limits.run.fuelSteps = 50_000
        configuration.limits.run.arenaBytesMax = 2 << 20
    }

    @Test(arguments: table)
    func `a line of JSON has every fact by its name`(expected: Expected) async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["parts": Self.parts], logging: .json, adjust: Self.limit
        ) { engine async throws in
            #expect(try await engine.deliver(expected.type, id: "event-77", data: "{}") == "RETRY")
            let line = try #require(try Self.line(of: expected.code, in: engine.log.text))
            #expect(line["level"]?.string == "error" && line["time"]?.string?.hasSuffix("Z") == true)
            #expect(line["message"]?.string?.contains(expected.says) == true, "\(line)")
            #expect(line["path"]?.string?.hasSuffix("/scripts/parts.bay") == true)
            #expect(
                line["line"]?.int == Int64(expected.line) && line["column"]?.int == Int64(expected.column), "\(line)")
            #expect(line["event"]?.string == "event-77" && line["type"]?.string == expected.type)
            #expect(line["route"]?.string?.contains(expected.route) == true, "\(line)")
            #expect(line["generation"]?.int == 1)
            let effects = line["effects"]?.array ?? []
            #expect(effects.map { $0["effect"]?.string } == expected.effects.map(\.effect), "\(line)")
            #expect(effects.map { $0["count"]?.int } == expected.effects.map { Int64($0.count) })
            #expect(line["under_way"]?.array?.isEmpty == true)
            #expect(line["diagnostic"]?["code"]?.string == expected.code)
        }
    }

    @Test(arguments: table)
    func `the text for people has the same facts`(expected: Expected) async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["parts": Self.parts], adjust: Self.limit
        ) { engine async throws in
            #expect(try await engine.deliver(expected.type, id: "event-77", data: "{}") == "RETRY")
            let text = engine.log.text
            let done = expected.effects.map { $0.count == 1 ? $0.effect : "\($0.effect) × \($0.count)" }
            for part in [
                "fault[\(expected.code)]: ", expected.says, "/scripts/parts.bay:\(expected.line):\(expected.column)\n",
                "= event: \(expected.type) id=event-77 (route ", expected.route, ", generation 1)",
                "= effects already carried out: \(done.isEmpty ? "none" : done.joined(separator: ", "))\n",
            ] { #expect(text.contains(part), "\(part) is not in:\n\(text)") }
        }
    }

    @Test func `a request that faults is told with its route and the id that the caller got`() async throws {
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["parts": Self.parts], logging: .json
        ) { engine async throws in
            let reply = try await engine.request(.get, "/boom/7")
            #expect(reply.status == 500)
            let line = try #require(try Self.line(of: "F0901", in: engine.log.text))
            #expect(line["event"] == nil && line["generation"]?.int == 1)
            #expect(line["route"]?.string?.isEmpty == false, "\(line)")
            let id = try #require(reply.json["message"]?.string?.split(separator: " ").last.map(String.init))
            let told = try engine.log.text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
            #expect(told.contains { $0["id"]?.string == id })
        }
    }

    @Test func `every line of a log in JSON is an object, whatever is logged`() async throws {
        let parts = #"""
            handler boom(input) { log.warn("a \"text\"\nof lines", { message: "mine", n: 1, o: { p: [1] } }) }
            handler spin(event) { return 1 }
            handler grow(event) { return 1 }
            handler early(event) { drop "why \u{1} so" }
            """#
        try await EngineUnderTest.with(
            routes: Self.routes, scripts: ["parts": parts], logging: .json
        ) { engine async throws in
            #expect(try await engine.deliver("boom", id: "a") == "SUCCESS")
            #expect(try await engine.deliver("early", id: "b") == "DROP")
            let lines = try engine.log.text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
            for line in lines {
                for name in ["time", "level", "message"] { #expect(line[name]?.string != nil, "\(line)") }
            }
            #expect(lines.contains { $0["message"]?.string?.contains("a \"text\"\nof lines") == true }, "\(lines)")
        }
    }

    private static func line(of code: String, in text: String) throws -> JSON? {
        try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }.first { $0["code"]?.string == code }
    }
}
