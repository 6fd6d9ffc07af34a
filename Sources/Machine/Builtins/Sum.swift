// Sum.swift: the builtin `sum`.

internal import Diagnostics

extension Builtin {
    static let sum = Builtin(
        "sum", on: .list, gives: [.int, .float, .duration],
        summary: "Adds up numbers or durations; 0 when there are none.",
        examples: [
            Example(.list([.int(1), .int(2)]), gives: .int(3)),
            Example(.list([.int(1), .float(0.5)]), gives: .float(1.5)),
            Example(.list([]), gives: .int(0)),
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "sum")
            try call.charge(items: list.count)
            guard list.count > 0 else { return .int(0) }
            var sum = try list.opened(at: 0)
            guard sum.isNumber || sum.kind == .duration else {
                throw Fault(.wrongKind, "`sum` adds numbers or durations, got \(FiberBlock.withArticle(sum.kind))")
            }
            for position in 1..<Swift.max(1, list.count) {
                sum = try call.block.arithmetic(.add, sum, list.opened(at: position))
            }
            return sum
        })
}
