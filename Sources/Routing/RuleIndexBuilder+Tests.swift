// RuleIndexBuilder+Tests.swift: tests with their constants in the index's memory, the cheap ones first.
//
// Neighbours: CompiledTest.swift (what they mean).

internal import Machine

extension RuleIndexBuilder {
    /// Appends what an atom asks.
    func compile(_ atom: Atom) {
        switch atom.subject {
        case .slot:
            let (operation, operand) = compiled(atom.test)
            append(operation, operand, atom)
        case .items(let path, let isItemNegated):
            let (operation, operand) = compiled(atom.test)
            let inner = CompiledTest(operation: operation, isNegated: isItemNegated, slot: 0, operand: operand)
            itemTests.append(ItemTest(path: self.path(path), test: inner))
            append(.items, .position(itemTests.count - 1), atom)
        }
    }

    private func append(_ operation: CompiledTest.Operation, _ operand: Value, _ atom: Atom) {
        tests.append(
            CompiledTest(
                operation: operation, isNegated: atom.isNegated, slot: UInt32(atom.slot), operand: operand))
    }

    private func compiled(_ test: Test) -> (CompiledTest.Operation, Value) {
        switch test {
        case .isNull: return (.isNull, .null)
        case .exists: return (.exists, .null)
        case .equals(let scalar): return compiled(scalar)
        case .isOneOf(let scalars): return (.isOneOf, memberRange(scalars))
        case .isBetween(let low?, let high?):
            let (lowOperation, lowOperand) = compiled(low, isLow: true)
            let (highOperation, highOperand) = compiled(high, isLow: false)
            ranges.append(
                CompiledRange(
                    lowOperation: lowOperation, highOperation: highOperation, low: lowOperand, high: highOperand))
            return (.between, .position(ranges.count - 1))
        case .isBetween(let low?, nil): return compiled(low, isLow: true)
        case .isBetween(nil, let high?): return compiled(high, isLow: false)
        case .isBetween(nil, nil): preconditionFailure("an interval without ends is not made")
        case .startsWith(let text): return (.prefix, self.text(text))
        case .endsWith(let text): return (.suffix, self.text(text))
        case .contains(let text, let orKey): return (orKey ? .partOrKey : .part, self.text(text))
        case .isLike(let pattern): return (.like, text(pattern))
        case .equalsIgnoringCase(let text): return (.sameIgnoringCase, self.text(text))
        case .isInNetwork(let network):
            networks.append(network)
            return (.network, .position(networks.count - 1))
        }
    }

    private func compiled(_ scalar: Scalar) -> (CompiledTest.Operation, Value) {
        switch scalar {
        case .string: (.isText, value(of: scalar))
        case .bool: (.isBool, value(of: scalar))
        case .int, .float: (.isNumber, value(of: scalar))
        }
    }

    private func compiled(_ bound: Bound, isLow: Bool) -> (CompiledTest.Operation, Value) {
        let operand = value(of: bound.value)
        return switch (operand.isText, isLow, bound.isIncluded) {
        case (false, true, true): (.numberFrom, operand)
        case (false, true, false): (.numberAbove, operand)
        case (false, false, true): (.numberUpTo, operand)
        case (false, false, false): (.numberBelow, operand)
        case (true, true, true): (.textFrom, operand)
        case (true, true, false): (.textAbove, operand)
        case (true, false, true): (.textUpTo, operand)
        case (true, false, false): (.textBelow, operand)
        }
    }

    /// A constant in the index's memory.
    func value(of scalar: Scalar) -> Value {
        switch scalar {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .string(let text): self.text(text)
        }
    }

    private func memberRange(_ scalars: [Scalar]) -> Value {
        memberRange(of: scalars.map { value(of: $0) })
    }

    func memberRange(of values: [Value]) -> Value {
        let first = members.count
        for value in values {
            guard let hash = value.scalarHash else { preconditionFailure("a constant that is no scalar") }
            members.append(Member(hash: hash, value: value))
        }
        members[first...].sort { $0.hash < $1.hash }
        return .position(first, count: values.count)
    }

    /// The path of an item itself, which has the number 0.
    var ownPath: UInt32 { 0 }

    /// The number of a path below an item.
    func path(_ path: [ByteText]) -> UInt32 {
        if let known = pathNumbers[path] { return known }
        let first = UInt32(keys.count)
        for key in path { keys.append(text(key)) }
        paths.append(Stretch(first: first, count: UInt32(path.count)))
        pathNumbers[path] = UInt32(paths.count - 1)
        return UInt32(paths.count - 1)
    }

    /// Cheap tests before dear ones: a clause ends at the first that fails. Stable, so that the author's order decides
    /// among equals.
    func order(from first: Int) {
        var end = first + 1
        while end < tests.count {
            let test = tests[end]
            let cost = test.cost
            var place = end
            while place > first, tests[place - 1].cost > cost {
                tests[place] = tests[place - 1]
                place -= 1
            }
            tests[place] = test
            end += 1
        }
    }
}

extension CompiledTest {
    /// Comparisons, then what walks a text, then what takes a list apart.
    var cost: Int {
        switch operation {
        case .isNull, .exists, .isText, .isBool, .isNumber: 0
        case .numberBelow, .numberUpTo, .numberAbove, .numberFrom, .prefix, .suffix, .between: 1
        case .isOneOf, .textBelow, .textUpTo, .textAbove, .textFrom, .sameIgnoringCase: 2
        case .network: 3
        case .like, .part, .partOrKey: 4
        case .items: 5
        }
    }
}

extension Value {
    /// A number of a table, or a stretch of one.
    static func position(_ position: Int, count: Int = 0) -> Value {
        Value(meta: UInt64(KindByte.int) | UInt64(count) << 32, bits: UInt64(position))
    }
}
