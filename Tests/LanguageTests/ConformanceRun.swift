// ConformanceRun.swift: runs a case through the compiler and the machine, with scripted effects, and says in
// text what happened.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct ConformanceRun {
    let test: ConformanceCase
    /// What happened, by section.
    private(set) var outcomes: [String: String] = [:]
    /// What is written to happen, line by line.
    private let script: [String]
    /// What has happened.
    private var effects: [String] = []
    /// Effects whose replies come later, in the order in which they were asked for.
    private var waiting: [(name: String, strand: Strand)] = []

    init(_ test: ConformanceCase) {
        self.test = test
        script = (test.section("effects") ?? "").components(separatedBy: "\n").filter { !$0.isEmpty }
    }

    mutating func run() throws {
        let result = Compiler.compile(test.files)
        outcomes["diagnostics"] = TextRenderer(colour: false, ascii: false).render(
            result.diagnostics, in: result.sources)
        guard let deployment = result.deployment else { return }
        guard test.section("check") == nil else { return }
        if let request = test.section("request") {
            let endpoint = try #require(deployment.endpoints.first)
            outcomes["result"] = try runHandler(endpoint.action, deployment) { arena in try arena.json(request) } + "\n"
        } else {
            outcomes["result"] = try runEvent(deployment)
        }
        outcomes["effects"] = effects.map { $0 + "\n" }.joined()
    }

    private mutating func runEvent(_ deployment: CompiledDeployment) throws -> String {
        let data = test.section("data") ?? "null"
        let event =
            test.section("event")
            ?? #"{"id":"1","source":"/s","type":"x","specversion":"1.0","data":\#(data)}"#
        let subscription = try #require(deployment.subscriptions.first)
        let rules = try matching(event, subscription, deployment.program)
        if rules.isEmpty { return "unmatched\n" }
        var text = ""
        for rule in rules {
            let outcome = try runHandler(rule.action, deployment) { arena in
                try arena.event(
                    envelope: arena.json(event), topic: arena.string(subscription.topic),
                    pubsub: arena.string(subscription.pubsub), attempt: 1)
            }
            text += (test.hasOwnRoutes ? "\(rule.name): " : "") + outcome + "\n"
        }
        return text
    }

    private func matching(_ event: String, _ subscription: CompiledSubscription, _ program: Program) throws -> [Rule] {
        let slab = FiberSlab(fibersMax: 1)
        let fiber = try #require(slab.create(program: program, limits: .standard))
        defer { slab.release(fiber) }
        _ = try slab.scan(Array(event.utf8), for: fiber)
        let type = try #require(try JSON.parse(event)["type"]?.string)
        let slots = try #require(slab.slots(of: fiber))
        let all = subscription.options.matchesAll
        let expected = try oneByOne(subscription.rules, type: type, all: all) { try slab.evaluate(fiber, $0) }
        let found = try RuleIndex(rules: subscription.rules).matching(slots, all: all) { predicate throws(Fault) in
            try slab.evaluate(fiber, predicate)
        }
        #expect(found.map(\.name) == expected.map(\.name))
        return found
    }

    private mutating func runHandler(
        _ function: FunctionIndex, _ deployment: CompiledDeployment, _ argument: (Arena) throws -> Value
    ) throws -> String {
        let slab = FiberSlab(fibersMax: 1)
        let limits = FiberLimits(fuelSteps: 20_000, arenaBytesMax: 1 << 20, callDepthMax: 64, effectsInFlightMax: 8)
        let fiber = try #require(slab.create(program: deployment.program, limits: limits))
        defer { slab.release(fiber) }
        let arena = try #require(slab.arena(of: fiber))
        let place = Place(slab: slab, fiber: fiber, arena: arena)
        let first = slab.start(fiber, function, argument: try argument(arena))
        var next: (strand: Strand, step: Step)? = (.main, first)
        if case .forked = first { next = slab.proceed(fiber) }
        while true {
            guard let (strand, step) = next else {
                next = try answerOneThatWaits(place)
                continue
            }
            guard case .suspended = step else { return describe(step, arena, deployment) }
            next = try ask(strand, place)
        }
    }

    private struct Place {
        let slab: FiberSlab
        let fiber: FiberRef
        let arena: Arena
    }

    /// Notes what a strand asks for, and gives it its reply, now or later.
    private mutating func ask(_ strand: Strand, _ place: Place) throws -> (strand: Strand, step: Step)? {
        let site = try #require(place.slab.pendingSite(of: place.fiber, strand))
        let line = effects.count < script.count ? script[effects.count] : ""
        let reply = line.components(separatedBy: " => ").last.flatMap { $0.isEmpty ? nil : $0 } ?? "null"
        effects.append(describe(site, strand, place) + " => " + reply)
        guard reply.hasPrefix("later ") else { return try resume(strand, place, reply, site) }
        waiting.append((String(reply.dropFirst(6)), strand))
        return place.slab.proceed(place.fiber)
    }

    /// Everything waits: the next line says which reply comes.
    private mutating func answerOneThatWaits(_ place: Place) throws -> (strand: Strand, step: Step)? {
        let parts = (effects.count < script.count ? script[effects.count] : "").components(separatedBy: " => ")
        let named = waiting.firstIndex { $0.name == parts[0] }
        try #require(!waiting.isEmpty, "the run waits for nothing")
        let (name, strand) = waiting.remove(at: named ?? 0)
        let reply = named == nil ? "null" : parts.last ?? "null"
        effects.append("\(name) => \(reply)")
        return try resume(strand, place, reply, try #require(place.slab.pendingSite(of: place.fiber, strand)))
    }

    private func resume(
        _ strand: Strand, _ place: Place, _ reply: String, _ site: EffectSite
    ) throws -> (strand: Strand, step: Step)? {
        let (fiber, slab, arena) = (place.fiber, place.slab, place.arena)
        let words = reply.split(separator: " ", maxSplits: 2)
        if words.count >= 2, words[0] == "fail", let failureClass = FailureClass(name: words[1]) {
            let parts = words.count > 2 ? words[2].components(separatedBy: " details ") : []
            let message = try parts.first.map { try #require(try JSON.parse($0).string) } ?? ""
            let details = parts.count > 1 ? try arena.json(parts[1]) : .null
            let failure = arena.failure(class: failureClass, message: message, details: details, origin: .effect)
            return slab.resume(fiber, strand, failure: failure)
        }
        if site.kind == .now, let nanoseconds = Int64(reply) {
            return slab.resume(fiber, strand, value: .time(nanoseconds: nanoseconds))
        }
        if site.kind == .secret, let text = try JSON.parse(reply).string {
            return slab.resume(fiber, strand, value: arena.secret(text))
        }
        return slab.resume(fiber, strand, value: try arena.json(reply))
    }

    // Text.

    private func json(_ value: Value, _ arena: Arena) -> String {
        if value.holdsSecret, let entries = value.entries(in: arena) {
            return "{" + entries.map { "\"\($0.key)\":\(json($0.value, arena))" }.joined(separator: ",") + "}"
        }
        if value.holdsSecret, let items = value.items(in: arena) {
            return "[" + items.map { json($0, arena) }.joined(separator: ",") + "]"
        }
        return (try? value.json()).map { String(decoding: $0, as: UTF8.self) } ?? "‹\(value.kind.name)›"
    }

    private func describe(_ site: EffectSite, _ strand: Strand, _ place: Place) -> String {
        var parts = [site.label]
        if !site.template.isEmpty { parts.append("\"" + site.template.joined(separator: "{}") + "\"") }
        let operands = (0..<site.operandCount).map {
            json(place.slab.operand($0, of: place.fiber, strand), place.arena)
        }
        parts.append("[" + operands.prefix(Int(site.positionalCount)).joined(separator: ",") + "]")
        for (option, operand) in zip(site.options, operands.dropFirst(Int(site.positionalCount))) {
            parts.append("\(option): \(operand)")
        }
        return parts.joined(separator: " ").split(separator: "\n").joined(separator: "\\n")
    }

    private func describe(_ step: Step, _ arena: Arena, _ deployment: CompiledDeployment) -> String {
        switch step {
        case .finished(.returned(let value)):
            if let response = value.responseParts {
                return "responded \(response.status) \(json(response.body, arena)) \(json(response.headers, arena))"
            }
            return "returned \(json(value, arena))"
        case .finished(.retry(let reason)): return "retry \(json(reason, arena))"
        case .finished(.drop(let reason)): return "drop \(json(reason, arena))"
        case .finished(.failed(let failure)): return "failed \(describe(failure, arena))"
        case .finished(.invalidInput(let failure)): return "invalid input \(describe(failure, arena))"
        case .faulted(let fault):
            let place = fault.word.flatMap { deployment.program.range(atWord: $0) }.map {
                deployment.sources.place(of: $0)
            }
            return "fault \(fault.code.rawValue) \(fault.message) at \(place ?? "?")"
        case .suspended, .forked: return "suspended"
        }
    }

    private func describe(_ failure: Value, _ arena: Arena) -> String {
        guard let parts = failure.failureParts else { return "?" }
        let details = parts.details.isNull ? "" : " \(json(parts.details, arena))"
        return "\(parts.failureClass.name) \(parts.message.asString ?? "?")\(details) (\(parts.origin))"
    }
}
