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
    private var replies: [String]
    private var effects: [String] = []

    init(_ test: ConformanceCase) {
        self.test = test
        replies = (test.section("effects") ?? "").components(separatedBy: "\n").filter { !$0.isEmpty }.map { line in
            line.components(separatedBy: " => ").last ?? "null"
        }
    }

    mutating func run() throws {
        let result = Compiler.compile(test.files)
        outcomes["diagnostics"] = TextRenderer(colour: false, ascii: false).render(result.diagnostics, in: result.sources)
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
        let event = test.section("event")
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
        return try RuleIndex(rules: subscription.rules).matching(type: type, all: subscription.options.matchesAll) {
            try slab.evaluate(fiber, $0)
        }
    }

    private mutating func runHandler(
        _ function: FunctionIndex, _ deployment: CompiledDeployment, _ argument: (Arena) throws -> Value
    ) throws -> String {
        let slab = FiberSlab(fibersMax: 1)
        let limits = FiberLimits(fuelSteps: 20_000, arenaBytesMax: 1 << 20, callDepthMax: 64)
        let fiber = try #require(slab.create(program: deployment.program, limits: limits))
        defer { slab.release(fiber) }
        let arena = try #require(slab.arena(of: fiber))
        var step = slab.start(fiber, function, argument: try argument(arena))
        while case .suspended = step {
            let site = try #require(slab.pendingSite(of: fiber))
            let reply = effects.count < replies.count ? replies[effects.count] : "null"
            effects.append(describe(site, slab, fiber, arena) + " => " + reply)
            step = try resume(fiber, slab, arena, reply, site)
        }
        return describe(step, arena, deployment)
    }

    private func resume(
        _ fiber: FiberRef, _ slab: FiberSlab, _ arena: Arena, _ reply: String, _ site: EffectSite
    ) throws -> Step {
        let words = reply.split(separator: " ", maxSplits: 2)
        if words.count >= 2, words[0] == "fail", let failureClass = FailureClass(name: words[1]) {
            let parts = words.count > 2 ? words[2].components(separatedBy: " details ") : []
            let message = try parts.first.map { try #require(try JSON.parse($0).string) } ?? ""
            let details = parts.count > 1 ? try arena.json(parts[1]) : .null
            let failure = arena.failure(class: failureClass, message: message, details: details, origin: .effect)
            return slab.resume(fiber, failure: failure)
        }
        if site.kind == .now, let nanoseconds = Int64(reply) {
            return slab.resume(fiber, value: .time(nanoseconds: nanoseconds))
        }
        return slab.resume(fiber, value: try arena.json(reply))
    }

    // Text.

    private func json(_ value: Value, _ arena: Arena) -> String {
        (try? value.json()).map { String(decoding: $0, as: UTF8.self) } ?? "‹\(value.kind.name)›"
    }

    private func describe(_ site: EffectSite, _ slab: FiberSlab, _ fiber: FiberRef, _ arena: Arena) -> String {
        var parts = [site.label]
        if !site.template.isEmpty { parts.append("\"" + site.template.joined(separator: "{}") + "\"") }
        let operands = (0..<site.operandCount).map { json(slab.operand($0, of: fiber), arena) }
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
            let place = fault.word.flatMap { deployment.program.range(atWord: $0) }.map { deployment.sources.place(of: $0) }
            return "fault \(fault.code.rawValue) \(fault.message) at \(place ?? "?")"
        case .suspended: return "suspended"
        }
    }

    private func describe(_ failure: Value, _ arena: Arena) -> String {
        guard let parts = failure.failureParts else { return "?" }
        let details = parts.details.isNull ? "" : " \(json(parts.details, arena))"
        return "\(parts.failureClass.name) \(parts.message.asString ?? "?")\(details) (\(parts.origin))"
    }
}
