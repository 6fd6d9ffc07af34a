// Workload+Machine.swift: the workloads of one event, one function and one suspension.
//
// Neighbours: Benchmarks/machine/machine.bay (what runs), Benchmarks/machine/machine.lua (its twin).

internal import Language
internal import Machine
internal import Routing

extension Workload {
    /// The way of an event through machine and index, without socket and effect.
    func events(_ input: BenchInput) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        guard let subscription = program.compiled.subscriptions.first, let text = try input.eventLines().first else {
            throw BenchError(message: "the workload has no subscription")
        }
        let index = RuleIndex(rules: subscription.rules)
        let buffer = MatchBuffer()
        var output = OutputBuffer(capacity: 4096)
        let nanoseconds = try timed(rounds: input.rounds, units: input.count) { () throws(BenchError) in
            for _ in 0..<input.count { try Self.answer(text, of: program, index, buffer, into: &output) }
        }
        let result = try Self.parsed(output.array)
        return Measurement(
            workload: rawValue, unit: "event", count: input.count, nanoseconds: nanoseconds, result: result,
            figures: [.init("event_bytes", .int(Int64(text.count)))])
    }

    private static func answer(
        _ text: [UInt8], of program: BenchedProgram, _ index: borrowing RuleIndex, _ buffer: MatchBuffer,
        into output: inout OutputBuffer
    ) throws(BenchError) {
        let fibers = program.fibers
        let ref = try program.fiber()
        defer { fibers.release(ref) }
        output.clear()
        do {
            let envelope = try fibers.scan(text, for: ref)
            guard let arena = fibers.arena(of: ref) else { return }
            guard let slots = fibers.slots(of: ref) else { return }
            try index.match(slots, all: false, into: buffer) { predicate throws(Fault) in
                try fibers.evaluate(ref, predicate)
            }
            guard buffer.count > 0 else { return }
            let action = index.rules[buffer[0]].action
            let event = arena.event(envelope: envelope, topic: .null, pubsub: .null, attempt: 1)
            guard case .finished(.returned(let value)) = fibers.start(ref, action, argument: event) else {
                throw BenchError(message: "the handler did not return")
            }
            try output.append(json: value)
        } catch {
            throw BenchError(message: "\(error)")
        }
    }

    func condition(_ input: BenchInput) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        guard let predicate = program.compiled.subscriptions.first?.rules.first?.predicate,
            let text = try input.eventLines().first
        else { throw BenchError(message: "the workload has no rule with a condition") }
        let ref = try program.fiber()
        var fits = 0
        let nanoseconds: [Double]
        do {
            _ = try program.fibers.scan(text, for: ref)
            nanoseconds = try timed(rounds: input.rounds, units: input.count) { () throws(BenchError) in
                fits = 0
                for _ in 0..<input.count where (try? program.fibers.evaluate(ref, predicate)) ?? false { fits += 1 }
            }
        } catch {
            throw BenchError(message: "\(error)")
        }
        return Measurement(
            workload: rawValue, unit: "event", count: input.count, nanoseconds: nanoseconds,
            result: .bool(fits == input.count), figures: [])
    }

    /// A handler that ends without an effect.
    func function(
        _ input: BenchInput, path: String, unit: String, unitsPerRun: Int
    ) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        let action = try program.action(of: path)
        var result = JSON.null
        let units = unitsPerRun * input.count
        let nanoseconds = try timed(rounds: input.rounds, units: units) { () throws(BenchError) in
            for _ in 0..<input.count {
                let (ref, request) = try program.request(input.argument)
                guard case .finished(.returned(let value)) = program.fibers.start(ref, action, argument: request) else {
                    throw BenchError(message: "the handler did not return")
                }
                result = .int(Int64(value.asInt ?? -1))
                program.fibers.release(ref)
            }
        }
        return Measurement(
            workload: rawValue, unit: unit, count: units, nanoseconds: nanoseconds, result: result, figures: [])
    }

    func suspend(_ input: BenchInput) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        let action = try program.action(of: "/suspend")
        var resumed = 0
        let nanoseconds = try timed(rounds: input.rounds, units: input.argument * input.count) {
            () throws(BenchError) in
            for _ in 0..<input.count {
                resumed = 0
                let (ref, request) = try program.request(input.argument)
                var step = program.fibers.start(ref, action, argument: request)
                while case .suspended = step {
                    resumed += 1
                    step = program.fibers.resume(ref, value: .int(resumed))
                }
                program.fibers.release(ref)
            }
        }
        return Measurement(
            workload: rawValue, unit: "suspension", count: input.argument * input.count, nanoseconds: nanoseconds,
            result: .int(Int64(resumed)), figures: [])
    }

    /// Each of `argument` fibers is suspended; in turn each is resumed and suspends again, `count` times.
    func suspendMany(_ input: BenchInput) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        let action = try program.action(of: "/suspend")
        var refs: [FiberRef] = []
        for _ in 0..<input.argument {
            let (ref, request) = try program.request(input.count * input.rounds + 1)
            guard case .suspended = program.fibers.start(ref, action, argument: request) else {
                throw BenchError(message: "the handler did not suspend")
            }
            refs.append(ref)
        }
        var resumed = 0
        let units = input.argument * input.count
        let nanoseconds = try timed(rounds: input.rounds, units: units) { () throws(BenchError) in
            resumed = 0
            for _ in 0..<input.count {
                for ref in refs {
                    guard case .suspended = program.fibers.resume(ref, value: .int(resumed)) else { continue }
                    resumed += 1
                }
            }
        }
        return Measurement(
            workload: rawValue, unit: "suspension", count: units, nanoseconds: nanoseconds,
            result: .int(Int64(resumed)), figures: [.init("in_flight", .int(Int64(refs.count)))])
    }

    private static func parsed(_ bytes: [UInt8]) throws(BenchError) -> JSON {
        do throws(JSONError) {
            return try JSON.parse(bytes)
        } catch {
            throw BenchError(message: "the result is no JSON: \(error)")
        }
    }
}
