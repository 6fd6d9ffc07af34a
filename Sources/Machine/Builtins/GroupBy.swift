// GroupBy.swift: the builtin `group_by`.

extension Builtin {
    static let groupBy = Builtin(
        "group_by", on: .list, [Parameter("by", .list, isSelector: true)], gives: .object,
        summary: "Lists of the objects that have the same text, number or bool in a field, by that as text.",
        examples: [
            Example(
                .list([.object([.init(key: "k", value: .int(1))]), .object([.init(key: "k", value: .int(1))])]),
                .list([.string("k")]),
                gives: .object([
                    .init(
                        key: "1",
                        value: .list([
                            .object([.init(key: "k", value: .int(1))]), .object([.init(key: "k", value: .int(1))]),
                        ]))
                ]))
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "group_by")
            var groups = try call.block.newBuilder(capacity: 4)
            for position in 0..<list.count {
                try call.block.charge(1)
                let item = try list.opened(at: position)
                let field = try call.selected(1, from: item, "group_by")
                let room = try call.textRoom(for: field, "group_by")
                var writer = TextWriter(try call.arena.textRoom(room))
                writer.append(field)
                let key = Value(.string, text: writer.text, count: writer.count)
                let known = Aggregate(groups).position(ofKey: key)
                let group =
                    known < 0
                    ? try call.arena.aggregate(.list, count: 0, capacity: 4) : Aggregate(groups).value(at: known)
                groups = try call.block.put(key, call.block.appended(item, to: group), into: groups)
            }
            return groups
        })
}
