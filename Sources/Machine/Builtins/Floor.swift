// Floor.swift: the builtin `floor`.

extension Builtin {
    static let floor = Builtin(
        "floor", on: .number, gives: .int, summary: "The largest int that is not above the number.",
        examples: [Example(.float(-1.5), gives: .int(-2)), Example(.int(2), gives: .int(2))],
        body: { (call) throws(Fault) in try call.whole(call.number(0, "floor"), .down, "floor") })
}
