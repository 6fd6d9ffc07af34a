// Round.swift: the builtin `round`.

internal import Diagnostics

extension Builtin {
    static let round = Builtin(
        "round", on: .number, [Parameter("decimals", .int, isOptional: true)], gives: .number,
        summary: "The nearest int, halves away from zero; with a number of decimals a float.",
        examples: [
            Example(.float(2.5), gives: .int(3)), Example(.float(-2.5), gives: .int(-3)),
            Example(.float(3.14159), .int(2), gives: .float(3.14)), Example(.int(7), gives: .int(7)),
        ],
        body: { (call) throws(Fault) in
            let value = try call.number(0, "round")
            if call[1].isNull { return try call.whole(value, .toNearestOrAwayFromZero, "round") }
            let decimals = try call.int(1, "round")
            guard 0...15 ~= decimals else {
                throw Fault(.badArgument, "`round` takes 0 to 15 decimals, got \(decimals)")
            }
            let scale = powerOfTen(Int(decimals))
            let scaled = value.number * scale
            // Beyond 2^53 there are no decimals left to round.
            return .float(scaled.magnitude < 0x1p53 ? scaled.rounded(.toNearestOrAwayFromZero) / scale : value.number)
        })
}

extension Arguments {
    func whole(_ value: Value, _ rule: FloatingPointRoundingRule, _ name: String) throws(Fault) -> Value {
        if value.isInt { return value }
        guard let int = Int64(exactly: value.double.rounded(rule)) else {
            throw Fault(.overflow, "`\(name)` of \(value.double) does not fit a 64-bit int")
        }
        return .int(int)
    }
}
