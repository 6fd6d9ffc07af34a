// SortBy.swift: the builtin `sort_by`.

extension Builtin {
    static let sortBy = Builtin(
        "sort_by", on: .list,
        [Parameter("by", .list, isSelector: true), Parameter("descending", .bool, isOptional: true)], gives: .list,
        summary: "The objects of a list in the order of a field. Equal ones keep their order.",
        examples: [
            Example(
                .list([.object([.init(key: "n", value: .int(2))]), .object([.init(key: "n", value: .int(1))])]),
                .list([.string("n")]),
                gives: .list([.object([.init(key: "n", value: .int(1))]), .object([.init(key: "n", value: .int(2))])]))
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "sort_by")
            let isDescending = try call.flag(2, "sort_by")
            let order = try call.sortedPositions(list.count, descending: isDescending) { (position) throws(Fault) in
                try call.selected(1, from: list.opened(at: position), "sort_by")
            }
            return try call.list(count: list.count) { list.value(at: order[$0]) }
        })
}

extension Arguments {
    /// Follows a selector; through null or a non-object is null.
    func selected(_ selector: Int, from value: Value, _ name: String) throws(Fault) -> Value {
        let steps = try list(selector, name)
        var result = value
        for step in 0..<steps.count {
            guard result.isObject, steps.value(at: step).isString else { return .null }
            let object = Aggregate(try arena.open(result))
            let position = object.position(ofKey: steps.value(at: step))
            result = position < 0 ? .null : try object.opened(at: position)
        }
        return result
    }
}
