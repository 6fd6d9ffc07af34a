// Measurement.swift: what a workload took, as one JSON line.
//
// Neighbours: Workload.swift (makes it), Benchmarks/run (reads it and sets it against a peer's).

package import Machine

/// A workload, timed in several rounds.
package struct Measurement: Sendable {
    package let workload: String
    /// What one `count` is: `event`, `call` …
    package let unit: String
    /// Units of one round.
    package let count: Int
    /// Of each round, nanoseconds per unit.
    package let nanoseconds: [Double]
    /// What the work gave, to be compared with the peer's.
    package let result: JSON
    /// Further figures, such as bytes per rule.
    package let figures: [JSON.Member]

    /// `{"bench":"event","unit":"event","count":200000,"rounds":9,"ns_min":…,"ns_median":…,"ns_max":…,"result":…}`
    package var line: String {
        let sorted = nanoseconds.sorted()
        var entries: [JSON.Member] = [
            .init("bench", .string(workload)), .init("unit", .string(unit)), .init("count", .int(Int64(count))),
            .init("rounds", .int(Int64(nanoseconds.count))),
        ]
        if let least = sorted.first, let most = sorted.last {
            entries += [
                .init("ns_min", .double(rounded(least))),
                .init("ns_median", .double(rounded(sorted[sorted.count / 2]))),
                .init("ns_max", .double(rounded(most))),
            ]
        }
        return String(decoding: JSON.object(entries + figures + [.init("result", result)]).serialized(), as: UTF8.self)
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

/// A benchmark cannot be run.
package struct BenchError: Error, Sendable {
    package let message: String
}
