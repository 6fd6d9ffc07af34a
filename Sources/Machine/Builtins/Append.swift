// Append.swift: the builtin `append`.

extension Builtin {
    static let append = Builtin(
        "append", on: .list, [Parameter("item", .any)], gives: .list, summary: "The list with one more item.",
        examples: [Example(.list([.int(1)]), .int(2), gives: .list([.int(1), .int(2)]))],
        body: { (call) throws(Fault) in
            _ = try call.list(0, "append")
            return try call.block.appended(call[1], to: call.receiver)
        })
}
