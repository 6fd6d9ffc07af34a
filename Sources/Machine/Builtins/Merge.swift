// Merge.swift: the builtin `merge`.

extension Builtin {
    static let merge = Builtin(
        "merge", on: .object, [Parameter("object", .object)], gives: .object,
        summary: "The entries of two objects; of a key that both have, the second one's.",
        examples: [
            Example(
                .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(1))]),
                .object([.init(key: "b", value: .int(2))]),
                gives: .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(2))]))
        ],
        body: { (call) throws(Fault) in
            let left = try call.object(0, "merge")
            let right = try call.object(1, "merge")
            let copy = try call.block.copy(of: left, .object, capacity: left.count + right.count)
            Aggregate(copy).markBuilder()
            let result = try call.block.insertedAll(call[1], into: copy)
            Aggregate(result).endBuilder()
            return result
        })
}
