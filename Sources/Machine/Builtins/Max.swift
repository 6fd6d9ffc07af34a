// Max.swift: the builtin `max`.

extension Builtin {
    static let max = Builtin(
        "max", on: [.list, .int, .float], [Parameter("other", .number, isOptional: true)], gives: .any,
        summary: "The largest item of a list, null when there is none; or the larger of two numbers.",
        examples: [
            Example(.list([.string("a"), .string("c"), .string("b")]), gives: .string("c")),
            Example(.int(3), .int(2), gives: .int(3)),
        ],
        body: { (call) throws(Fault) in try call.extreme("max", sign: 1) })
}
