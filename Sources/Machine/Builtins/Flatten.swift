// Flatten.swift: the builtin `flatten`.

extension Builtin {
    static let flatten = Builtin(
        "flatten", on: .list, gives: .list, summary: "The items of the lists in a list, one level deep.",
        examples: [
            Example(
                .list([.list([.int(1)]), .int(2), .list([.int(3), .list([])])]),
                gives: .list([.int(1), .int(2), .int(3), .list([])]))
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "flatten")
            var result = try call.arena.aggregate(.list, count: 0, capacity: Swift.max(4, list.count))
            for position in 0..<list.count {
                let item = try list.opened(at: position)
                try call.block.charge(1)
                result =
                    item.isList
                    ? try call.block.appendedAll(item, to: result) : try call.block.appended(item, to: result)
            }
            return result
        })
}
