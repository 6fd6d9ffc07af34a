// Workload+Rules.swift: many rules: loading them, and finding those that an event satisfies.
//
// Neighbours: Benchmarks/rules/generate (writes the rules, the events and the peer's side of both).

internal import Diagnostics
internal import Language
internal import Machine
internal import Routing
internal import Transport

extension Workload {
    func match(_ input: BenchInput) throws(BenchError) -> Measurement {
        let program = try BenchedProgram(paths: input.sources)
        guard let subscription = program.compiled.subscriptions.first else {
            throw BenchError(message: "the workload has no subscription")
        }
        let events = try input.eventLines()
        let before = ProcessMemory.heapBytes()
        let began = Clock.threadNanoseconds()
        let index = RuleIndex(rules: subscription.rules)
        let indexed = Clock.threadNanoseconds() &- began
        let bytes = ProcessMemory.heapBytes() - before
        let all = subscription.options.matchesAll
        let buffer = MatchBuffer()
        var (matches, digest) = (0, 0)
        let units = events.count * input.count
        let nanoseconds = try timed(rounds: input.rounds, units: units) { () throws(BenchError) in
            (matches, digest) = (0, 0)
            for _ in 0..<input.count {
                for (number, event) in events.enumerated() {
                    try Self.find(event, of: program, index, all: all, into: buffer)
                    matches += buffer.count
                    // The peer computes the same sum: it differs when one rule of one event does.
                    for place in 0..<buffer.count { digest += (number + 1) * (buffer[place] + 1) }
                }
            }
        }
        let rules = max(1, subscription.rules.count)
        return Measurement(
            workload: rawValue, unit: "event", count: units, nanoseconds: nanoseconds,
            result: ["matches": .int(Int64(matches / input.count)), "digest": .int(Int64(digest / input.count))],
            figures: [
                .init("rules", .int(Int64(rules))),
                .init("matches_per_event", .double(Double(matches) / Double(units))),
                .init("index_bytes_per_rule", .int(Int64(bytes / rules))),
                .init("index_ms", .double(Double(indexed / 10_000) / 100)),
            ])
    }

    /// Scans an event and searches: what is found stands in `buffer`.
    private static func find(
        _ event: [UInt8], of program: BenchedProgram, _ index: borrowing RuleIndex, all: Bool, into buffer: MatchBuffer
    ) throws(BenchError) {
        let fibers = program.fibers
        let ref = try program.fiber()
        defer { fibers.release(ref) }
        do {
            _ = try fibers.scan(event, for: ref)
            guard let slots = fibers.slots(of: ref) else { throw BenchError(message: "the event was not scanned") }
            try index.match(slots, all: all, into: buffer) { predicate throws(Fault) in
                try fibers.evaluate(ref, predicate)
            }
        } catch {
            throw BenchError(message: "\(error)")
        }
    }

    /// Text to program and index, as a reload does it; the files are in memory already.
    func load(_ input: BenchInput) throws(BenchError) -> Measurement {
        let files = try BenchedProgram.read(input.sources)
        let bytes = files.reduce(0) { $0 + $1.source.bytes.count }
        var rules = 0
        var diagnostics = 0
        let nanoseconds = try timed(rounds: input.rounds, units: 1) { () throws(BenchError) in
            let result = Compiler.compile(files)
            guard let deployment = result.deployment else {
                throw BenchError(message: "the workload has errors: \(result.diagnostics.first?.title ?? "")")
            }
            rules = 0
            diagnostics = result.diagnostics.count
            for subscription in deployment.subscriptions {
                rules += RuleIndex(rules: subscription.rules).rules.count
            }
        }
        let least = nanoseconds.min() ?? 0
        return Measurement(
            workload: rawValue, unit: "load", count: 1, nanoseconds: nanoseconds, result: .int(Int64(rules)),
            figures: [
                .init("bytes", .int(Int64(bytes))), .init("diagnostics", .int(Int64(diagnostics))),
                .init("ms_min", .double((least / 10_000).rounded() / 100)),
                .init("mb_per_second", .double((Double(bytes) * 100_000 / max(1, least)).rounded() / 100)),
            ])
    }
}
