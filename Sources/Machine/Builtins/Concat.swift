// Concat.swift: the builtin `concat`.

extension Builtin {
    static let concat = Builtin(
        "concat", on: .list, [Parameter("list", .list)], gives: .list, summary: "The items of two lists.",
        examples: [Example(.list([.int(1)]), .list([.int(2), .int(3)]), gives: .list([.int(1), .int(2), .int(3)]))],
        body: { (call) throws(Fault) in
            let left = try call.list(0, "concat")
            let right = try call.list(1, "concat")
            try call.charge(items: left.count + right.count)
            return try call.list(count: left.count + right.count) { (position) throws(Fault) in
                position < left.count ? try left.opened(at: position) : try right.opened(at: position - left.count)
            }
        })
}
