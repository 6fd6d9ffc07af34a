// SetKey.swift: the builtin `set`.

extension Builtin {
    static let set = Builtin(
        "set", on: .object, [Parameter("key", .string), Parameter("value", .any)], gives: .object,
        summary: "The object with another value for a key.",
        examples: [
            Example(
                .object([.init(key: "a", value: .int(1))]), .string("a"), .int(2),
                gives: .object([.init(key: "a", value: .int(2))]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "set")
            let copy = try call.block.copy(of: object, .object, capacity: object.count + 1)
            Aggregate(copy).markBuilder()
            let result = try call.block.put(call.string(1, "set"), call[2], into: copy)
            Aggregate(result).endBuilder()
            return result
        })
}
