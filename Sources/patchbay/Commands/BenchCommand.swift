// BenchCommand.swift: `patchbay bench fib …`: one workload of the house, as a JSON line.

internal import Bench

extension Command {
    static let bench = Command(
        name: "bench", operands: "WORKLOAD [FILE.bay…] [options]",
        summary:
            "Time one workload of the house and print it as a JSON line.\n`make bench` runs them all against their peers. Workloads:\n"
            + Workload.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"),
        flags: [
            Flag(name: "events", value: "FILE", summary: "the events, one JSON text a line"),
            Flag(name: "count", value: "N", summary: "repetitions in a round (1)"),
            Flag(name: "rounds", value: "N", summary: "rounds, each timed (5)"),
            Flag(name: "argument", value: "N", summary: "the n of the workload (1)"),
        ],
        action: { (options, _) async throws(UsageError) in
            let words = Workload.allCases.map(\.rawValue)
            guard let word = options.operands.first, let workload = Workload(rawValue: word) else {
                throw UsageError(message: "which workload?", help: "one of \(words.joined(separator: ", "))")
            }
            let input = BenchInput(
                sources: Array(options.operands.dropFirst()), events: options.text("events"),
                count: try options.integer("count", in: 1...1_000_000_000) ?? 1,
                rounds: try options.integer("rounds", in: 1...1_000) ?? 5,
                argument: try options.integer("argument", in: 1...1_000_000_000) ?? 1)
            do throws(BenchError) {
                Terminal.standard.print(try workload.run(input).line + "\n")
                return .fine
            } catch {
                Terminal.standard.printError("patchbay bench: \(error.message)\n")
                return .problemsFound
            }
        })
}
