// ReplyOrderTests.swift: in whatever order the replies come, branches come to the same end.
//
// Random expressions of nested `together`s, each run several times with the replies in another order. What an effect
// answers depends on its key alone, so all runs of one expression must end alike and ask for the same things.

import Diagnostics
import Language
import Machine
import Routing
import Testing

/// Numbers that are the same again for the same seed.
private struct Dice {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func roll(_ sides: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(sides))
    }
}

/// Writes an expression; its effects have keys of their own.
private struct Writer {
    var dice: Dice
    private var keys = 0

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private mutating func key() -> String {
        keys += 1
        // A third of them fail, some of those inside a `catch`.
        return ["ok", "ok", "bad"][dice.roll(3)] + "\(keys)"
    }

    mutating func expression(depth: Int) -> String {
        let isLeaf = depth == 0
        switch dice.roll(isLeaf ? 4 : 9) {
        case 0: return "\(dice.roll(100))"
        case 1: return #"shelf.get("\#(key())")"#
        case 2: return #"(shelf.get("\#(key())") catch e { e.message })"#
        case 3: return #"[shelf.get("\#(key())"), shelf.get("\#(key())")]"#
        case 4: return "together { a: \(expression(depth: depth - 1)), b: \(expression(depth: depth - 1)) }"
        case 5: return "(together [\(expression(depth: depth - 1)), shelf.get(\"\(key())\")] catch \"caught\")"
        case 6: return #"together [shelf.get("\#(key()).${n}") for n in 0..<3]"#
        case 7: return #"inner({ a: "\#(key())", b: "\#(key())" })"#
        default:
            return
                "together [\(expression(depth: depth - 1)), \(expression(depth: depth - 1)), \(expression(depth: depth - 1))]"
        }
    }
}

/// One run of a handler, with the replies in an order that dice decide.
private struct ShuffledRun {
    private(set) var asked: [String] = []
    private(set) var end = ""

    init(_ deployment: CompiledDeployment, dice: inout Dice) throws {
        let slab = FiberSlab(fibersMax: 1)
        let fiber = try #require(slab.create(program: deployment.program, limits: .standard))
        defer { slab.release(fiber) }
        let arena = try #require(slab.arena(of: fiber))
        let first = slab.start(fiber, deployment.subscriptions[0].rules[0].action, argument: arena.object([]))
        var next: (strand: Strand, step: Step)? = (.main, first)
        if case .forked = first { next = slab.proceed(fiber) }
        var waiting: [(key: String, strand: Strand)] = []
        while true {
            if let (strand, step) = next {
                guard case .suspended = step else {
                    end = Self.text(step)
                    return
                }
                let key = slab.operand(0, of: fiber, strand).asString ?? ""
                asked.append("\(key) at \(slab.path(of: strand, in: fiber))")
                waiting.append((key, strand))
                next = slab.proceed(fiber)
                continue
            }
            try #require(!waiting.isEmpty)
            let (key, strand) = waiting.remove(at: dice.roll(waiting.count))
            if key.hasPrefix("bad") {
                let failure = arena.failure(class: .unavailable, message: "no \(key)", origin: .effect)
                next = slab.resume(fiber, strand, failure: failure)
            } else {
                next = slab.resume(fiber, strand, value: arena.string("value of \(key)"))
            }
        }
    }

    private static func text(_ step: Step) -> String {
        switch step {
        case .finished(.returned(let value)): String(decoding: (try? value.json()) ?? [], as: UTF8.self)
        case .finished(.failed(let failure)): "failed: \(failure.failureParts?.message.asString ?? "?")"
        case .finished: "ended"
        case .faulted(let fault): fault.message
        case .suspended, .forked: "unfinished"
        }
    }
}

struct ReplyOrderTests {
    @Test(arguments: 0..<60) func `the order of replies decides nothing`(seed: Int) throws {
        var writer = Writer(seed: UInt64(seed) &* 7919 &+ 17)
        let script = """
            handler inner(keys) { return together [shelf.get(keys.a), shelf.get(keys.b) catch 0] }
            handler run(event) { return together [\(writer.expression(depth: 3)), \(writer.expression(depth: 3))] }
            """
        let result = Compiler.compile([
            ConformanceCase.file(
                "routes/app/routes.bay",
                """
                store shelf = "statestore"
                subscribe "pubsub/t" (dead_letter: "dead") { otherwise => main.run }

                """),
            ConformanceCase.file("scripts/main.bay", script),
        ])
        let report = TextRenderer(colour: false, ascii: true).render(
            result.diagnostics.filter { $0.severity == .error }, in: result.sources)
        let deployment = try #require(result.deployment, "\(script)\n\(report)")
        let first = try ShuffledRun(deployment, dice: &writer.dice)
        for _ in 0..<20 {
            let other = try ShuffledRun(deployment, dice: &writer.dice)
            #expect(other.end == first.end, "\(script)")
            #expect(other.asked.sorted() == first.asked.sorted(), "\(script)")
        }
    }
}
