// RunLimitTests.swift: the limits of a run are options, and who meets one is told which, with the place.

import Machine
import Testing

@testable import Engine

struct RunLimitTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let script: String
        let adjust: @Sendable (inout EngineLimits) -> Void
        /// In the log: code and title, and the place.
        let says: String
        let place: String
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "fuel", script: "handler run(event) {\n  for i in 0..<100_000 { i * 2 }\n}\n",
            adjust: { $0.run.fuelSteps = 500 }, says: "fault[F0902]: ran out of fuel after 500 steps",
            place: "/scripts/main.bay:2:"),
        Row(
            name: "memory",
            script: "handler run(event) {\n  let a = \"a\".repeat(900_000)\n  return [a, \"${a}b\"]\n}\n",
            adjust: { $0.run.arenaBytesMax = 1 << 20 },
            says: "fault[F0903]: the run's values take more than 1048576 bytes",
            place: "/scripts/main.bay:3:"),
        Row(
            name: "call depth",
            script: "fn down(n) = if n > 0 { down(n - 1) } else { 0 }\nhandler run(event) {\n  down(30)\n}\n",
            adjust: { $0.run.callDepthMax = 20 }, says: "fault[F0904]: calls are nested deeper than 20",
            place: "/scripts/main.bay:1:"),
        Row(
            name: "effects in flight",
            script: "handler run(event) {\n  together [sleep(1ms) for i in 0..<9]\n}\n",
            adjust: { $0.run.effectsInFlightMax = 8 }, says: "fault[F0919]:", place: "/scripts/main.bay:2:"),
        Row(
            name: "effect time",
            script: "handler run(event) {\n  shelf.get(\"k\")\n}\n",
            adjust: { $0.effectTimeoutNanoseconds = 50_000_000 }, says: "the handler failed (timeout)", place: ""),
    ]

    @Test(arguments: rows)
    func `a limit of a run is an option, and who meets it is told where`(row: Row) async throws {
        let routes = """
            store shelf = "statestore"
            subscribe "bus/things" (dead_letter: "dead", retry: 0) { on "x" => main.run }
            """
        try await EngineUnderTest.with(
            routes: routes, scripts: ["main": row.script],
            sidecar: { $0.target.contains("/state/") ? .held : .usual }, adjust: { row.adjust(&$0.limits) }
        ) { engine in
            let told = try await engine.deliver("x")
            #expect(told == "RETRY")
            #expect(engine.log.contains(row.says), "\(engine.log.text)")
            #expect(engine.log.contains(row.place))
        }
    }
}
