// PredicateLowering.swift: what the rule index understands of a `where`.
//
// Reads the same tree that becomes the predicate's code, and must say the same or `opaque`: tests of a static path
// against constants, joined by `and`, `or`, `not`. Neighbours: FunctionLowering+Conditions.swift (the code),
// Routing/Predicate.swift (the meaning), Tests/LanguageTests/IndexDifferentialTests.swift (compares the two).

internal import Machine
internal import Routing

extension Lowering {
    /// - Parameter condition: a `where`; its slots are numbered as they are met.
    func condition(of condition: NodeKey) -> Predicate {
        let saved = (frame.file, frame.tree, frame.isPredicate)
        defer { (frame.file, frame.tree, frame.isPredicate) = saved }
        frame.file = condition.file
        frame.tree = declarations.files[condition.file].tree
        frame.isPredicate = true
        return predicate(condition.node)
    }

    private func predicate(_ node: NodeID) -> Predicate {
        switch kind(node) {
        case .trueLiteral: return .always
        case .falseLiteral, .nullLiteral: return .never
        case .not: return .not(predicate(child(0, node)))
        case .and: return .all(operands(of: node, .and).map { predicate($0) })
        case .or: return .any(operands(of: node, .or).map { predicate($0) })
        case .exists: return plainSlot(child(0, node)).map { .test(slot: $0, .exists) } ?? .opaque
        case .anyQuantifier: return quantified(node, isNegated: false)
        // Everything fits when nothing does not: also for what is no list.
        case .allQuantifier: return .not(quantified(node, isNegated: true))
        case .member, .index:
            return plainSlot(node).map { .test(slot: $0, .equals(.bool(true))) } ?? .opaque
        default:
            guard let (subject, test, isNegated) = comparison(node), let slot = plainSlot(subject) else {
                return .opaque
            }
            let predicate = test.map { Predicate.test(slot: slot, $0) } ?? .never
            return isNegated ? .not(predicate) : predicate
        }
    }

    /// `a and b and c` is one conjunction of three, however deep the tree is.
    func operands(of node: NodeID, _ joint: NodeKind) -> [NodeID] {
        kind(node) == joint ? children(node).flatMap { operands(of: $0, joint) } : [node]
    }

    /// The slot of a path that is read as it stands.
    private func plainSlot(_ node: NodeID) -> Int? {
        guard kind(node) == .member || kind(node) == .index, checked.coercions[key(node)] == nil, callee(node) == nil
        else { return nil }
        return slot(of: node)
    }

    // Tests.

    /// What a comparison or a text test is of, and what it asks; a nil test never holds. Nil when it is neither, or
    /// its other side is no constant.
    private func comparison(_ node: NodeID) -> (subject: NodeID, test: Test?, isNegated: Bool)? {
        switch kind(node) {
        case .equal, .notEqual:
            let isNegated = kind(node) == .notEqual
            let (left, right) = (child(0, node), child(1, node))
            if let constant = known(right) { return equality(constant).map { (left, $0.test, isNegated) } }
            if let constant = known(left) { return equality(constant).map { (right, $0.test, isNegated) } }
            return nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return order(node)
        case .isIn, .isNotIn: return membership(node)
        case .call: return textTest(node)
        default: return nil
        }
    }

    /// A constant's value. A path of the event is none, and looking it up among the constants would cost the most.
    private func known(_ node: NodeID) -> Constant? {
        switch kind(node) {
        case .integer, .size: return .int(frame.tree.integer(of: node))
        case .float: return .float(frame.tree.float(of: node))
        case .string: return .string(frame.tree.string(of: node))
        case .trueLiteral: return .bool(true)
        case .falseLiteral: return .bool(false)
        case .nullLiteral: return .null
        case .list:
            let items = children(node).map { known($0) }
            return items.contains { $0 == nil } ? nil : .list(items.compactMap { $0 })
        default: break
        }
        var head = node
        while kind(head) == .member || kind(head) == .index { head = child(0, head) }
        if kind(head) == .name, name(head) != nil || word(head) == "event" { return nil }
        return fold(node)
    }

    private struct Equality {
        let test: Test?
    }

    private func equality(_ constant: Constant) -> Equality? {
        if constant == .null { return Equality(test: .isNull) }
        return constant.indexScalar.map { Equality(test: .equals($0)) }
    }

    private func order(_ node: NodeID) -> (NodeID, Test?, Bool)? {
        let (left, right) = (child(0, node), child(1, node))
        let operation = kind(node)
        let isIncluded = operation == .lessOrEqual || operation == .greaterOrEqual
        var isUpper = operation == .less || operation == .lessOrEqual
        var subject = left
        var bound = known(right)
        if bound == nil {
            subject = right
            bound = known(left)
            isUpper.toggle()
        }
        guard let scalar = bound?.ordered else { return nil }
        let end = Bound(scalar, isIncluded: isIncluded)
        return (subject, isUpper ? .isBetween(nil, end) : .isBetween(end, nil), false)
    }

    private func membership(_ node: NodeID) -> (NodeID, Test?, Bool)? {
        let (left, right) = (child(0, node), child(1, node))
        let isNegated = kind(node) == .isNotIn
        if kind(right) == .interval {
            var ends: [Bound?] = []
            for place in 0...1 {
                let end = child(place, right)
                guard end.exists else { ends.append(nil); continue }
                guard let scalar = known(end)?.ordered else { return nil }
                ends.append(Bound(scalar, isIncluded: place == 0 || frame.tree.flag(of: right) != 1))
            }
            if let low = ends[0], let high = ends[1], low.value.isString != high.value.isString { return nil }
            return (left, .isBetween(ends[0], ends[1]), isNegated)
        }
        if case .list(let items)? = known(right) {
            // `null` in the list would be a test of its own.
            let scalars = items.compactMap(\.indexScalar)
            guard scalars.count == items.count else { return nil }
            var seen: Set<Scalar> = []
            let unique = scalars.filter { seen.insert($0).inserted }
            return (left, unique.isEmpty ? nil : unique.count == 1 ? .equals(unique[0]) : .isOneOf(unique), isNegated)
        }
        guard case .string(let text)? = known(left) else { return nil }
        return (right, .contains(ByteText(text), orKey: true), isNegated)
    }

    private func textTest(_ node: NodeID) -> (NodeID, Test?, Bool)? {
        guard case .builtin(let call)? = callee(node), call.arguments.count == 1, call.arguments[0].exists,
            case .string(let text)? = known(call.arguments[0]), checked.coercions[key(call.arguments[0])] == nil
        else { return nil }
        let test: Test
        switch Builtin.all[Int(call.index)].name {
        case "starts_with": test = .startsWith(ByteText(text))
        case "ends_with": test = .endsWith(ByteText(text))
        case "contains": test = .contains(ByteText(text), orKey: false)
        case "like": test = .isLike(ByteText(text))
        case "equals_ignore_case": test = .equalsIgnoringCase(ByteText(text))
        case "in_cidr":
            guard let network = IPNetwork(text) else { return nil }
            test = .isInNetwork(network)
        default: return nil
        }
        return (call.receiver, test, false)
    }

    // Quantifiers.

    /// `any(x in path where …)`: with several conditions on one item each is necessary, and the machine decides.
    /// - Parameter isNegated: for `all`: any item that does not fit.
    private func quantified(_ node: NodeID, isNegated: Bool) -> Predicate {
        guard let slot = plainSlot(child(1, node)) else { return .opaque }
        let name = frame.tree.symbol(of: child(0, node))
        return item(child(2, node), name, slot, isNegated: isNegated)
    }

    private func item(_ node: NodeID, _ name: Symbol, _ slot: Int, isNegated: Bool) -> Predicate {
        switch (kind(node), isNegated) {
        case (.not, _): return item(child(0, node), name, slot, isNegated: !isNegated)
        case (.or, false), (.and, true):
            // Some item fits one or the other: some item fits the one, or some the other.
            return .any(operands(of: node, kind(node)).map { item($0, name, slot, isNegated: isNegated) })
        case (.and, false), (.or, true):
            return .all(operands(of: node, kind(node)).map { item($0, name, slot, isNegated: isNegated) } + [.opaque])
        case (.exists, _):
            guard let keys = itemPath(child(0, node), name), !keys.isEmpty else { return .opaque }
            return .anyItem(slot: slot, keys: keys, .exists, isNegated: isNegated)
        case (.member, _), (.name, _):
            guard let keys = itemPath(node, name) else { return .opaque }
            return .anyItem(slot: slot, keys: keys, .equals(.bool(true)), isNegated: isNegated)
        default:
            guard let (subject, test, isTestNegated) = comparison(node), let test, let keys = itemPath(subject, name)
            else { return .opaque }
            return .anyItem(slot: slot, keys: keys, test, isNegated: isNegated != isTestNegated)
        }
    }

    /// The keys between an item and what is read of it: `x` has none, `x.sku` one.
    private func itemPath(_ node: NodeID, _ name: Symbol) -> [ByteText]? {
        guard checked.coercions[key(node)] == nil else { return nil }
        switch kind(node) {
        case .name: return frame.tree.symbol(of: node) == name ? [] : nil
        case .member where callee(node) == nil:
            return itemPath(child(0, node), name).map { $0 + [ByteText(word(child(1, node)))] }
        default: return nil
        }
    }
}

extension Constant {
    /// Nil for what the index does not compare with.
    var indexScalar: Scalar? {
        switch self {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .string(let text): .string(ByteText(text))
        default: nil
        }
    }

    /// A number or a string.
    var ordered: Scalar? {
        switch self {
        case .int, .float, .string: indexScalar
        default: nil
        }
    }
}

extension Scalar {
    var isString: Bool { if case .string = self { true } else { false } }
}
