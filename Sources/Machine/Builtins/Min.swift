// Min.swift: the builtin `min`.

internal import Diagnostics

extension Builtin {
    static let min = Builtin(
        "min", on: [.list, .int, .float], [Parameter("other", .number, isOptional: true)], gives: .any,
        summary: "The smallest item of a list, null when there is none; or the smaller of two numbers.",
        examples: [
            Example(.list([.int(3), .int(1)]), gives: .int(1)), Example(.list([]), gives: .null),
            Example(.int(3), .float(2.5), gives: .float(2.5)),
        ],
        body: { (call) throws(Fault) in try call.extreme("min", sign: -1) })
}

extension Arguments {
    /// The first item that no other is beyond, in the direction of `sign`.
    func extreme(_ name: String, sign: Int) throws(Fault) -> Value {
        if receiver.isNumber {
            let other = try number(1, name)
            return compareNumbers(other, receiver) * sign > 0 ? other : receiver
        }
        guard receiver.isList else { throw wrongKind(name, 0, wants: "a list or a number") }
        let list = try list(0, name)
        try charge(items: list.count)
        guard list.count > 0 else { return .null }
        var best = try list.opened(at: 0)
        for position in 1..<Swift.max(1, list.count) {
            let item = try list.opened(at: position)
            guard let comparison = try block.compared(item, best) else {
                throw Fault(
                    .wrongKind,
                    "cannot order \(FiberBlock.withArticle(item.kind)) and \(FiberBlock.withArticle(best.kind))")
            }
            if comparison * sign > 0 { best = item }
        }
        return best
    }
}
