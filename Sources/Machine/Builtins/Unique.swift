// Unique.swift: the builtin `unique`.

extension Builtin {
    static let unique = Builtin(
        "unique", on: .list, gives: .list, summary: "The items without those that equal an earlier one.",
        examples: [
            Example(.list([.int(1), .float(1), .string("1"), .int(1)]), gives: .list([.int(1), .string("1")]))
        ],
        body: { (call) throws(Fault) in
            let list = try call.list(0, "unique")
            try call.charge(items: list.count * 2)
            var seen: [Int: [Int]] = [:]
            var kept: [Int] = []
            for position in 0..<list.count {
                let item = try list.opened(at: position)
                let hash = try call.block.hash(of: item, depth: 0)
                var isNew = true
                for earlier in seen[hash, default: []] where try call.block.isEqual(list.value(at: earlier), item) {
                    isNew = false
                }
                if isNew {
                    seen[hash, default: []].append(position)
                    kept.append(position)
                }
            }
            return try call.list(count: kept.count) { list.value(at: kept[$0]) }
        })
}

extension FiberBlock {
    /// Equal values have equal hashes, also across int and float.
    func hash(of value: Value, depth: Int) throws(Fault) -> Int {
        var hasher = Hasher()
        switch value.kind {
        case .float:
            if let int = Int64(exactly: value.double) { hasher.combine(int) } else { hasher.combine(value.double) }
        case .int, .time, .duration: hasher.combine(value.int64)
        case .string, .bytes, .secret:
            try charge(value.length / 64)
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(value.text.buffer(value.length)))
        case .list, .object:
            let aggregate = Aggregate(try arena.open(value))
            try charge(1 + aggregate.count / 4)
            hasher.combine(aggregate.count)
            guard depth < 8 else { break }
            // Objects are equal in any order of their keys, so their entries are added up.
            var sum = 0
            for position in 0..<aggregate.count {
                let item = try hash(of: aggregate.opened(at: position), depth: depth + 1)
                sum =
                    value.isList ? sum &* 31 &+ item : sum &+ (item ^ Int(Aggregate.hash(aggregate.key(at: position))))
            }
            hasher.combine(sum)
        default: hasher.combine(value.isNull ? 0 : value.bits)
        }
        return hasher.finalize()
    }
}
