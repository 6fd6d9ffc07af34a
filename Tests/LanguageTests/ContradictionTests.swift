// ContradictionTests.swift: a rule that is told to match never, or always, against the machine.
//
// The checker's word about a `where` must be certain: random rules that it warns of are asked about random events, one
// by one, by the machine that runs them. `BAY_INDEX_PAIRS` makes it more (`make fuzz` does), `BAY_INDEX_SEED` begins
// elsewhere. Neighbours: RuleGenerator.swift, Language/Check/Contradiction.swift.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct ContradictionTests {
    private static let rulesPerSet = 40
    private static let eventsPerSet = 60

    private static func number(_ name: String, or standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }

    @Test func `a rule that is said to match never or always does so, whatever the event`() throws {
        let sets = (Self.number("BAY_INDEX_PAIRS", or: 6_000) + Self.eventsPerSet - 1) / Self.eventsPerSet
        let first = Self.number("BAY_INDEX_SEED", or: 1)
        var told = (never: 0, always: 0)
        var unproven = 0
        for seed in first..<(first + sets) {
            var generator = RuleGenerator(seed: UInt64(seed))
            let text = generator.clashingRoutes(rules: Self.rulesPerSet)
            let file = DeploymentFile(source: SourceFile(path: "routes/app/routes.bay", text: text), module: nil)
            let result = Compiler.compile([file])
            let subscription = try #require(
                result.deployment?.subscriptions.first,
                "seed \(seed): \(TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources))"
            )
            let program = try #require(result.deployment).program
            let claims = Self.claims(result.diagnostics, in: file.source)
            told.never += claims.values.count { !$0 }
            told.always += claims.values.count { $0 }
            var matched: Set<Int> = []
            let slab = FiberSlab(fibersMax: 2)
            for _ in 0..<Self.eventsPerSet {
                let event = generator.event()
                let fiber = try #require(slab.create(program: program, limits: .standard))
                defer { slab.release(fiber) }
                _ = try slab.scan(Array(event.json.utf8), for: fiber)
                for (place, rule) in subscription.rules.enumerated() {
                    let predicate = try #require(rule.predicate)
                    guard rule.typePatterns.contains(where: { Routing.Glob($0).matches(event.type) }) else { continue }
                    let holds = try slab.evaluate(fiber, predicate)
                    if holds { matched.insert(place) }
                    guard let claim = claims[place], claim != holds else { continue }
                    let line = text.split(separator: "\n")[place + 1]
                    Issue.record("seed \(seed): \(holds ? "matches" : "does not match") \(event.json)\n\(line)")
                    return
                }
            }
            unproven += subscription.rules.indices.count { !matched.contains($0) && claims[$0] == nil }
        }
        // Warnings that never come would prove nothing.
        let rules = sets * Self.rulesPerSet
        #expect(told.never * 8 > rules && told.always * 200 > rules, "\(told) of \(rules), \(unproven) silent")
    }

    /// By the place of the rule: false where it is said to match never, true where always.
    private static func claims(_ diagnostics: [Diagnostic], in source: SourceFile) -> [Int: Bool] {
        var claims: [Int: Bool] = [:]
        for diagnostic in diagnostics {
            guard let place = diagnostic.primary?.range.start else { continue }
            // The first line is the subscription's.
            let rule = source.position(at: place).line - 2
            switch diagnostic.title {
            case "this rule can never match": claims[rule] = false
            case "this `where` takes every event": claims[rule] = true
            default: break
            }
        }
        return claims
    }
}
