// Ceil.swift: the builtin `ceil`.

extension Builtin {
    static let ceil = Builtin(
        "ceil", on: .number, gives: .int, summary: "The smallest int that is not below the number.",
        examples: [Example(.float(-1.5), gives: .int(-1)), Example(.float(1.1), gives: .int(2))],
        body: { (call) throws(Fault) in try call.whole(call.number(0, "ceil"), .up, "ceil") })
}
