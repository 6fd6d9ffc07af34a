// IndexDifferentialTests.swift: the rule index against the machine, on random rules and events.
//
// A pair is one set of rules and one event. `BAY_INDEX_PAIRS=1000000 swift test --filter IndexDifferential` runs as many
// (`make fuzz` does), `BAY_INDEX_SEED` begins elsewhere.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct IndexDifferentialTests {
    private static let eventsPerSet = 50

    private static func number(_ name: String, or standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }

    @Test func `the index finds exactly what the machine finds, rule by rule`() throws {
        let sets = (Self.number("BAY_INDEX_PAIRS", or: 6_000) + Self.eventsPerSet - 1) / Self.eventsPerSet
        let first = Self.number("BAY_INDEX_SEED", or: 1)
        var matches = 0
        var asked = 0
        var evaluations = 0
        for seed in first..<(first + sets) {
            var generator = RuleGenerator(seed: UInt64(seed))
            let count = [3, 8, 14, 20, 40, 40, 90][seed % 7]
            let text = generator.routes(rules: count)
            let file = DeploymentFile(source: SourceFile(path: "routes/app/routes.bay", text: text), module: nil)
            let result = Compiler.compile([file])
            let errors = result.diagnostics.filter { $0.severity == .error }
            guard let deployment = result.deployment, let subscription = deployment.subscriptions.first else {
                Issue.record(
                    "seed \(seed): \(TextRenderer(colour: false, ascii: true).render(errors, in: result.sources))")
                return
            }
            let index = RuleIndex(rules: subscription.rules)
            let slab = FiberSlab(fibersMax: 2)
            let buffer = MatchBuffer()
            for _ in 0..<Self.eventsPerSet {
                let event = generator.event()
                let fiber = try #require(slab.create(program: deployment.program, limits: .standard))
                defer { slab.release(fiber) }
                _ = try slab.scan(Array(event.json.utf8), for: fiber)
                let slots = try #require(slab.slots(of: fiber))
                for all in [true, false] {
                    // The index first: what it opens must not change what the machine sees.
                    let found = try index.matching(slots, all: all, using: buffer) { predicate throws(Fault) in
                        evaluations += 1
                        return try slab.evaluate(fiber, predicate)
                    }
                    let expected = try oneByOne(subscription.rules, type: event.type, all: all) {
                        try slab.evaluate(fiber, $0)
                    }
                    matches += found.count
                    asked += subscription.rules.count
                    if found.map(\.name) == expected.map(\.name) { continue }
                    let wrong = Set(found.map(\.name)).symmetricDifference(expected.map(\.name))
                    let rules = text.split(separator: "\n").filter { line in
                        wrong.contains { line.contains(" as \($0) ") }
                    }
                    let place = "seed \(seed), all \(all), found \(found.map(\.name)), not \(expected.map(\.name))"
                    Issue.record("\(place)\n\(event.json)\n\(rules.joined(separator: "\n"))")
                    return
                }
            }
        }
        // A generator whose rules never fit, or are all left to the machine, would prove nothing.
        #expect(matches * 50 > asked && matches * 2 < asked, "\(matches) of \(asked)")
        #expect(evaluations * 5 < asked, "\(evaluations) of \(asked)")
    }
}
