// Contains.swift: the builtin `contains`.

extension Builtin {
    static let contains = Builtin(
        "contains", on: [.string, .list], [Parameter("what", .any)], gives: .bool,
        summary: "Does a text contain another, or a list an equal item?",
        examples: [
            Example(.string("warehouse"), .string("house"), gives: .bool(true)),
            Example(.list([.int(1), .int(2)]), .float(2), gives: .bool(true)),
        ],
        body: { (call) throws(Fault) in
            let holder = call.receiver
            guard holder.isString || holder.isList else {
                throw call.wrongKind("contains", 0, wants: "a string or a list")
            }
            if holder.isString { _ = try call.string(1, "contains") }
            return try call.block.contains(call[1], in: holder)
        })
}
