// ProgramFuzzTests.swift: mutated deployments through all of the house: parsed, checked, compiled, formatted, rendered,
// and what compiles is run with random events and random replies. Nothing may trap, and every run comes to an end.
//
// In CI a few hundred; `make fuzz` sets PATCHBAY_FUZZ_SECONDS and goes on that long, from another seed each time
// (PATCHBAY_FUZZ_SEED repeats one). Before each deployment its seed is written to a file: after a crash that one says
// which it was.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

/// What was done, to be printed.
struct FuzzCounts {
    var deployments = 0
    var compiled = 0
    var runs = 0
    var effects = 0
    var predicates = 0
}

struct ProgramFuzzTests {
    /// How long to go on, and from where.
    static func budget(rounds: Int) -> (seed: UInt64, goesOn: (Int) -> Bool) {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["PATCHBAY_FUZZ_SEED"].flatMap { UInt64($0) }
        guard let seconds = environment["PATCHBAY_FUZZ_SECONDS"].flatMap({ Double($0) }) else {
            return (seed ?? 1, { $0 < rounds })
        }
        let end = Date(timeIntervalSinceNow: seconds)
        return (seed ?? UInt64.random(in: 0...(.max)), { _ in Date() < end })
    }

    @Test func `mutated deployments are compiled or refused, and what compiles runs to an end`() throws {
        let corpus = try FuzzCorpus()
        let (seed, goesOn) = Self.budget(rounds: 400)
        var counts = FuzzCounts()
        var round = 0
        while goesOn(round) {
            let own = seed &+ UInt64(round) &* 0x1_0000_0001
            // A trap ends the process: the last line of this file is the culprit.
            try? "PATCHBAY_FUZZ_SEED=\(own)\n".write(toFile: Self.seedFile, atomically: false, encoding: .utf8)
            var dice = SplitMix64(state: own)
            Self.one(corpus.mutated(&dice), "seed \(own)", &dice, &counts)
            round += 1
        }
        try? FileManager.default.removeItem(atPath: Self.seedFile)
        print(
            "fuzz: \(counts.deployments) deployments from seed \(seed), \(counts.compiled) compiled,",
            "\(counts.predicates) predicates, \(counts.runs) runs, \(counts.effects) effects")
        #expect(counts.compiled > 0 && counts.runs > 0)
    }

    private static let seedFile = FileManager.default.temporaryDirectory
        .appending(path: "patchbay-fuzz-\(ProcessInfo.processInfo.processIdentifier).seed").path

    /// One deployment's whole life.
    static func one(_ files: [DeploymentFile], _ name: String, _ dice: inout SplitMix64, _ counts: inout FuzzCounts) {
        counts.deployments += 1
        let result = Compiler.compile(files)
        let hasErrors = result.diagnostics.contains { $0.severity == .error }
        #expect((result.deployment == nil) == hasErrors, "\(name)")
        for diagnostic in result.diagnostics {
            for range in ([diagnostic.primary] + diagnostic.related).compactMap({ $0?.range }) {
                let count = result.sources[range.file].bytes.count
                #expect(range.start <= range.end && Int(range.end) <= count, "\(name): \(diagnostic.title)")
            }
        }
        _ = TextRenderer(colour: true, ascii: dice.roll(2) == 0).render(result.diagnostics, in: result.sources)
        _ = JSONRenderer().render(result.diagnostics, in: result.sources)
        for file in files {
            guard case .formatted(let text) = Formatter.format(file.source) else { continue }
            let again = Formatter.format(SourceFile(path: file.source.path, bytes: text))
            guard case .formatted(let same) = again, same == text else {
                Issue.record("\(name): \(file.source.path) formatted twice is not what it is once")
                continue
            }
        }
        guard let deployment = result.deployment else { return }
        counts.compiled += 1
        for subscription in deployment.subscriptions.prefix(3) { deliver(to: subscription, deployment, &dice, &counts) }
        for endpoint in deployment.endpoints.prefix(3) {
            let request = FuzzValues.request(&dice)
            run(endpoint.action, deployment, &dice, &counts) { arena in try? arena.json(request) }
        }
    }

    private static func deliver(
        to subscription: CompiledSubscription, _ deployment: CompiledDeployment, _ dice: inout SplitMix64,
        _ counts: inout FuzzCounts
    ) {
        let slab = FiberSlab(fibersMax: 1)
        guard let fiber = slab.create(program: deployment.program, limits: limits) else { return }
        let type = subscription.rules.randomElement(using: &dice)?.typePatterns.first?.replacing("*", with: "x") ?? "x"
        let event = FuzzValues.event(type: type, &dice)
        let found = (try? slab.scan(Array(event.utf8), for: fiber)) != nil
        if found {
            for rule in subscription.rules {
                guard let predicate = rule.predicate else { continue }
                counts.predicates += 1
                // Only fuel may end a predicate.
                do { _ = try slab.evaluate(fiber, predicate) } catch {
                    #expect(error.code == .outOfFuel, "\(error)")
                }
            }
        }
        slab.release(fiber)
        guard found, let rule = subscription.rules.randomElement(using: &dice) else { return }
        run(rule.action, deployment, &dice, &counts) { arena in
            guard let envelope = try? arena.json(event) else { return nil }
            return arena.event(
                envelope: envelope, topic: arena.string(subscription.topic), pubsub: arena.string(subscription.pubsub),
                attempt: 1)
        }
    }

    private static let limits = FiberLimits(
        fuelSteps: 20_000, arenaBytesMax: 1 << 20, callDepthMax: 64, effectsInFlightMax: 8)

    /// Runs a handler to its end, with random replies to what it asks for.
    private static func run(
        _ function: FunctionIndex, _ deployment: CompiledDeployment, _ dice: inout SplitMix64,
        _ counts: inout FuzzCounts, _ argument: (Arena) -> Value?
    ) {
        let slab = FiberSlab(fibersMax: 1)
        guard let fiber = slab.create(program: deployment.program, limits: limits), let arena = slab.arena(of: fiber)
        else { return }
        defer { slab.release(fiber) }
        guard let value = argument(arena) else { return }
        counts.runs += 1
        var waiting: [Strand] = []
        let first = slab.start(fiber, function, argument: value)
        var next: (strand: Strand, step: Step)? = (.main, first)
        if case .forked = first { next = slab.proceed(fiber) }
        for _ in 0..<10_000 {
            if let (strand, step) = next {
                switch step {
                case .suspended:
                    waiting.append(strand)
                    next = slab.proceed(fiber)
                case .finished(.returned(let value)):
                    _ = try? value.json()
                    return
                case .finished: return
                case .faulted(let fault):
                    // A place or the whole run: the log can always say where.
                    if let word = fault.word { #expect(deployment.program.range(atWord: word) != nil) }
                    return
                case .forked: next = slab.proceed(fiber)
                }
                continue
            }
            guard !waiting.isEmpty else {
                Issue.record("a run waits for nothing")
                return
            }
            counts.effects += 1
            let strand = waiting.remove(at: dice.roll(waiting.count))
            if dice.roll(4) == 0 {
                let failure = arena.failure(
                    class: dice.pick(FailureClass.allCases), message: "no", details: .null, origin: .effect)
                next = slab.resume(fiber, strand, failure: failure)
            } else {
                let reply = (try? arena.json(FuzzValues.json(&dice, depth: 3))) ?? .null
                next = slab.resume(fiber, strand, value: reply)
            }
        }
        Issue.record("a run of twenty thousand steps asks for ten thousand effects")
    }
}

/// Random events and values.
enum FuzzValues {
    private static let keys = ["id", "qty", "price", "lines", "kind", "a", "b", "name", "", "x", "region", "total"]
    private static let scalars = [
        "null", "true", "false", "0", "1", "-1", "42", "9223372036854775807", "-9223372036854775808", "1e400", "0.5",
        "1e-7", "3.0", "\"\"", "\"a\"", "\"card\"", "\"😀é\"", "\"5s\"", "\"2026-11-21T12:31:00Z\"", "\"10.0.0.1\"",
        "\"\\u0000\"", "\"\(String(repeating: "x", count: 300))\"", "1.7976931348623157e308",
        "123456789012345678901234567890",
    ]

    static func json(_ dice: inout SplitMix64, depth: Int) -> String {
        switch depth == 0 ? 0 : dice.roll(4) {
        case 2: return "[" + (0..<dice.roll(5)).map { _ in json(&dice, depth: depth - 1) }.joined(separator: ",") + "]"
        case 3:
            let entries = (0..<dice.roll(6)).map { _ in "\"\(dice.pick(keys))\":\(json(&dice, depth: depth - 1))" }
            return "{" + entries.joined(separator: ",") + "}"
        default: return dice.pick(scalars)
        }
    }

    static func event(type: String, _ dice: inout SplitMix64) -> String {
        let name = (try? JSONEncoder().encode(type)).map { String(decoding: $0, as: UTF8.self) } ?? "\"x\""
        return #"{"id":"1","source":"/s","type":\#(name),"specversion":"1.0","data":\#(json(&dice, depth: 4))}"#
    }

    static func request(_ dice: inout SplitMix64) -> String {
        #"{"method":"GET","path":"/v1","params":{"id":"1"},"query":{},"headers":{},"body":\#(json(&dice, depth: 3))}"#
    }
}
