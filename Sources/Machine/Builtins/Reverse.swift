// Reverse.swift: the builtin `reverse`.

extension Builtin {
    static let reverse = Builtin(
        "reverse", on: .list, gives: .list, summary: "The items from last to first.",
        examples: [Example(.list([.int(1), .int(2)]), gives: .list([.int(2), .int(1)]))],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "reverse")
            try call.charge(items: list.count)
            return try call.list(count: list.count) { (position) throws(Fault) in
                try list.opened(at: list.count - 1 - position)
            }
        })
}
