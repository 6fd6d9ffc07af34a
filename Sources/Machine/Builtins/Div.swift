// Div.swift: the builtin `div`.

internal import Diagnostics

extension Builtin {
    static let div = Builtin(
        "div", on: .int, [Parameter("by", .int)], gives: .int,
        summary: "Division of ints, cut off towards zero; goes with `%`.",
        examples: [Example(.int(7), .int(2), gives: .int(3)), Example(.int(-7), .int(2), gives: .int(-3))],
        body: { (call) throws(Fault) in
            guard call.receiver.isInt else { throw call.wrongKind("div", 0, wants: "an int") }
            let divisor = try call.int(1, "div")
            guard divisor != 0 else {
                throw Fault(.divisionByZero, "`\(call.receiver.int64).div(0)`: division by zero")
            }
            let (quotient, overflow) = call.receiver.int64.dividedReportingOverflow(by: divisor)
            guard !overflow else {
                throw Fault(.overflow, "`\(call.receiver.int64).div(-1)` does not fit a 64-bit int")
            }
            return .int(quotient)
        })
}
