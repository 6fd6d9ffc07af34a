// Omit.swift: the builtin `omit`.

extension Builtin {
    static let omit = Builtin(
        "omit", on: .object, [Parameter("keys", .list)], gives: .object,
        summary: "All entries but those of these keys.",
        examples: [
            Example(
                .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(2))]), .list([.string("b")]),
                gives: .object([.init(key: "a", value: .int(1))]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "omit")
            let unwanted = try call.positions(ofKeysIn: 1, of: object, "omit")
            return try call.object(of: object) { !unwanted.contains($0) }
        })
}
