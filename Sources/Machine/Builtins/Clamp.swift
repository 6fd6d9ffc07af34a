// Clamp.swift: the builtin `clamp`.

internal import Diagnostics

extension Builtin {
    static let clamp = Builtin(
        "clamp", on: .number, [Parameter("low", .number), Parameter("high", .number)], gives: .number,
        summary: "The number, or the nearer end of a range that it is outside of.",
        examples: [
            Example(.int(12), .int(0), .int(10), gives: .int(10)), Example(.int(5), .int(0), .int(10), gives: .int(5)),
        ],
        body: { (call) throws(Fault) in
            let value = try call.number(0, "clamp")
            let low = try call.number(1, "clamp")
            let high = try call.number(2, "clamp")
            guard compareNumbers(low, high) <= 0 else { throw Fault(.badArgument, "`clamp` takes the lower end first") }
            if compareNumbers(value, low) < 0 { return low }
            return compareNumbers(value, high) > 0 ? high : value
        })
}
