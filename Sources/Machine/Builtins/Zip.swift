// Zip.swift: the builtin `zip`.

extension Builtin {
    static let zip = Builtin(
        "zip", on: .list, [Parameter("list", .list)], gives: .list,
        summary: "Pairs of the items of two lists, as many as the shorter one has.",
        examples: [
            Example(.list([.int(1), .int(2)]), .list([.string("a")]), gives: .list([.list([.int(1), .string("a")])]))
        ],
        body: { (call) throws(Fault) in
            let left = try call.list(0, "zip")
            let right = try call.list(1, "zip")
            let count = Swift.min(left.count, right.count)
            try call.charge(items: count * 2)
            return try call.list(count: count) { (position) throws(Fault) in
                let pair = try call.arena.aggregate(.list, count: 2, capacity: 2)
                Aggregate(pair).setValue(try left.opened(at: position), at: 0)
                Aggregate(pair).setValue(try right.opened(at: position), at: 1)
                return pair
            }
        })
}
