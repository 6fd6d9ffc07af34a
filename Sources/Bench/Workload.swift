// Workload.swift: the benchmarks of the house that need no socket: machine, rule index and loader in one process.
//
// What is read is read at run time, so that nothing can be computed ahead. Each workload gives what it computed, which
// `Benchmarks/run` compares with its peer's before it believes a figure.
// Neighbours: Workload+Machine.swift, Workload+Rules.swift, Workload+Tokens.swift (the work), patchbay/BenchCommand (prints the line).

internal import Transport

package enum Workload: String, CaseIterable, Sendable {
    /// A whole event: check, three conditions, a five-field object, written as JSON.
    case event
    /// The conditions alone, on an event that was scanned.
    case condition
    /// `fib(n)`, a call at a time.
    case fib
    /// A sum in a loop of `n`.
    case sum
    /// A fiber that suspends `n` times and is resumed at once.
    case suspend
    /// `n` fibers that are resumed in turn.
    case suspendMany = "suspend-many"
    /// Events against many rules: scanned, matched.
    case match
    /// Text to program and index.
    case load
    /// A JSON Web Token, verified by its signature.
    case token
    /// One that was verified before.
    case tokenAgain = "token-again"

    package var summary: String {
        switch self {
        case .event: "machine.bay and an event: check, test, build an object, write it"
        case .condition: "machine.bay and an event: the conditions alone"
        case .fib: "machine.bay: fib(n), a call at a time"
        case .sum: "machine.bay: a sum in a loop of n"
        case .suspend: "machine.bay: suspend and resume a fiber n times"
        case .suspendMany: "machine.bay: resume n fibers in turn"
        case .match: "rules and events, one JSON text a line: scan and match"
        case .load: "any sources: text to program and index"
        case .token: "a file of keys, and tokens as --events, one a line: verify each"
        case .tokenAgain: "the same: verify each once, then know it again"
        }
    }
}

/// What a workload is given.
package struct BenchInput: Sendable {
    /// `.bay` files.
    package var sources: [String] = []
    /// A file with one event, or one event a line.
    package var events: String?
    /// Repetitions of the work in a round.
    package var count: Int
    package var rounds: Int
    /// The workload's `n`.
    package var argument: Int

    package init(sources: [String], events: String?, count: Int, rounds: Int, argument: Int) {
        self.sources = sources
        self.events = events
        self.count = count
        self.rounds = rounds
        self.argument = argument
    }

    func eventLines() throws(BenchError) -> [[UInt8]] {
        guard let events else { throw BenchError(message: "which events? Name a file with --events") }
        let lines = try BenchedProgram.bytes(of: events).split(separator: UInt8(ascii: "\n")).map { Array($0) }
        guard !lines.isEmpty else { throw BenchError(message: "\(events) holds no event") }
        return lines
    }
}

extension Workload {
    /// Runs the workload `rounds` times.
    package func run(_ input: BenchInput) throws(BenchError) -> Measurement {
        switch self {
        case .event: try events(input)
        case .condition: try condition(input)
        case .fib: try function(input, path: "/fib", unit: "call", unitsPerRun: Self.callsOfFibonacci(input.argument))
        case .sum: try function(input, path: "/sum", unit: "iteration", unitsPerRun: input.argument)
        case .suspend: try suspend(input)
        case .suspendMany: try suspendMany(input)
        case .match: try match(input)
        case .load: try load(input)
        case .token: try tokens(input, isRemembering: false)
        case .tokenAgain: try tokens(input, isRemembering: true)
        }
    }

    /// Nanoseconds of this thread's time per unit of each round, as `os.clock` counts the peer's.
    func timed(rounds: Int, units: Int, _ work: () throws(BenchError) -> Void) throws(BenchError) -> [Double] {
        var nanoseconds: [Double] = []
        for _ in 0..<rounds {
            let began = Clock.threadNanoseconds()
            try work()
            nanoseconds.append(Double(Clock.threadNanoseconds() &- began) / Double(max(1, units)))
        }
        return nanoseconds
    }

    /// How many calls `fib(n)` makes, itself included: 2·fib(n+1) − 1.
    private static func callsOfFibonacci(_ argument: Int) -> Int {
        var (low, high) = (0, 1)
        for _ in 0..<max(0, min(argument, 60)) { (low, high) = (high, low + high) }
        return 2 * high - 1
    }
}
