// Keys.swift: the builtin `keys`.

extension Builtin {
    static let keys = Builtin(
        "keys", on: .object, gives: .list, summary: "The keys, in their order.",
        examples: [
            Example(
                .object([.init(key: "b", value: .int(1)), .init(key: "a", value: .int(2))]),
                gives: .list([.string("b"), .string("a")]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "keys")
            try call.charge(items: object.count)
            return try call.list(count: object.count) { object.key(at: $0) }
        })
}
