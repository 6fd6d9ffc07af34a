// Pick.swift: the builtin `pick`.

internal import Diagnostics

extension Builtin {
    static let pick = Builtin(
        "pick", on: .object, [Parameter("keys", .list)], gives: .object, summary: "Only the entries of these keys.",
        examples: [
            Example(
                .object([.init(key: "a", value: .int(1)), .init(key: "b", value: .int(2))]),
                .list([.string("b"), .string("c")]), gives: .object([.init(key: "b", value: .int(2))]))
        ],
        body: { (call) throws(Fault) in
            let object = try call.object(0, "pick")
            let wanted = try call.positions(ofKeysIn: 1, of: object, "pick")
            return try call.object(of: object) { wanted.contains($0) }
        })
}

extension Arguments {
    /// Where the strings of a list stand among an object's keys.
    func positions(ofKeysIn argument: Int, of object: Aggregate, _ name: String) throws(Fault) -> Set<Int> {
        let keys = try list(argument, name)
        try charge(items: keys.count)
        var positions: Set<Int> = []
        for number in 0..<keys.count {
            let key = try keys.opened(at: number)
            guard key.isString else {
                throw Fault(
                    .wrongKind, "`\(name)` takes a list of strings, got \(FiberBlock.withArticle(key.kind)) in it")
            }
            positions.insert(object.position(ofKey: key))
        }
        return positions
    }
}
