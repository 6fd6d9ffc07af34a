// Sort.swift: the builtin `sort`.

internal import Diagnostics

extension Builtin {
    static let sort = Builtin(
        "sort", on: .list, [Parameter("descending", .bool, isOptional: true)], gives: .list,
        summary: "The items in order: numbers, strings, times or durations. Equal ones keep their order.",
        examples: [
            Example(.list([.int(3), .float(1.5), .int(2)]), gives: .list([.float(1.5), .int(2), .int(3)])),
            Example(.list([.string("a"), .string("b")]), .bool(true), gives: .list([.string("b"), .string("a")])),
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "sort")
            let isDescending = try call.flag(1, "sort")
            let order = try call.sortedPositions(list.count, descending: isDescending) { (position) throws(Fault) in
                try list.opened(at: position)
            }
            return try call.list(count: list.count) { list.value(at: order[$0]) }
        })
}

extension Arguments {
    /// Positions in the order of their keys; a merge sort, so that equal ones stay and work is n log n.
    func sortedPositions(
        _ count: Int, descending: Bool, key: (Int) throws(Fault) -> Value
    ) throws(Fault) -> [Int] {
        try charge(items: count * Swift.max(1, Int.bitWidth - count.leadingZeroBitCount))
        var keys: [Value] = []
        for position in 0..<count { keys.append(try key(position)) }
        var order = Array(0..<count)
        var spare = order
        var width = 1
        while width < count {
            var start = 0
            while start < count {
                let middle = Swift.min(start + width, count), end = Swift.min(start + 2 * width, count)
                var left = start, right = middle
                for target in start..<end {
                    var takesLeft = left < middle
                    if takesLeft, right < end {
                        takesLeft = try !isBefore(keys[order[right]], keys[order[left]], descending)
                    }
                    if takesLeft {
                        spare[target] = order[left]
                        left += 1
                    } else {
                        spare[target] = order[right]
                        right += 1
                    }
                }
                start = end
            }
            swap(&order, &spare)
            width *= 2
        }
        return order
    }

    private func isBefore(_ x: Value, _ y: Value, _ descending: Bool) throws(Fault) -> Bool {
        guard let comparison = try block.compared(x, y) else {
            throw Fault(
                .wrongKind, "cannot order \(FiberBlock.withArticle(x.kind)) and \(FiberBlock.withArticle(y.kind))")
        }
        return descending ? comparison > 0 : comparison < 0
    }
}
