// Values.swift: the builtin `values`.

extension Builtin {
    static let values = Builtin(
        "values", on: .object, gives: .list, summary: "The values, in the order of their keys.",
        examples: [
            Example(
                .object([.init(key: "b", value: .int(1)), .init(key: "a", value: .int(2))]),
                gives: .list([.int(1), .int(2)]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "values")
            try call.charge(items: object.count)
            return try call.list(count: object.count) { (position) throws(Fault) in try object.opened(at: position) }
        })
}
