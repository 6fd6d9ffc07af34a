// Remove.swift: the builtin `remove`.

extension Builtin {
    static let remove = Builtin(
        "remove", on: .object, [Parameter("key", .string)], gives: .object, summary: "The object without a key.",
        examples: [
            Example(
                .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(2))]), .string("a"),
                gives: .object([.init(key: "b", value: .int(2))]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "remove")
            let gone = object.position(ofKey: try call.string(1, "remove"))
            return try call.object(of: object) { $0 != gone }
        })
}

extension Arguments {
    /// The entries of an object that stay.
    func object(of source: Aggregate, where stays: (Int) throws(Fault) -> Bool) throws(Fault) -> Value {
        try charge(items: source.count)
        var kept: [Int] = []
        for position in 0..<source.count where try stays(position) { kept.append(position) }
        let result = try arena.aggregate(.object, count: kept.count, capacity: kept.count)
        for (target, position) in kept.enumerated() {
            Aggregate(result).setKey(source.key(at: position), at: target)
            Aggregate(result).setValue(try source.opened(at: position), at: target)
        }
        return result
    }
}
