// Abs.swift: the builtin `abs`.

extension Builtin {
    static let abs = Builtin(
        "abs", on: .number, gives: .number, summary: "The number without its sign.",
        examples: [Example(.int(-3), gives: .int(3)), Example(.float(-0.5), gives: .float(0.5))],
        body: { (call) throws(Fault) in
            let value = try call.number(0, "abs")
            if value.isFloat { return .float(value.double.magnitude) }
            return value.int64 >= 0 ? value : try call.block.arithmetic(.subtract, .int(0), value)
        })
}
