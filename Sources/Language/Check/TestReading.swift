// TestReading.swift: a comparison or a text test of something against constants, read from the tree.
//
// One reading for the two that ask: the lowering, which tells the rule index, and the checker, which looks for tests
// that exclude each other. Neighbours: Lower/PredicateLowering.swift, Contradiction.swift, Routing/Predicate.swift.

internal import Machine
internal import Routing

/// Whoever knows what the nodes of a checked tree mean.
protocol TestReading {
    var tree: SyntaxTree { get }
    /// The value of what needs no run.
    func fold(_ node: NodeID) -> Constant?
    func callee(_ node: NodeID) -> Callee?
    /// Whether the value is made to fit a type before it is used.
    func isCoerced(_ node: NodeID) -> Bool
    /// Whether the name is bound in the code around it, `event` and `request` included.
    func isLocal(_ name: NodeID) -> Bool
}

extension TestReading {
    /// What a comparison or a text test is of, and what it asks; a nil test never holds. Nil when it is neither, or
    /// its other side is no constant.
    func readTest(_ node: NodeID) -> (subject: NodeID, test: Test?, isNegated: Bool)? {
        switch tree.kind(of: node) {
        case .equal, .notEqual:
            let isNegated = tree.kind(of: node) == .notEqual
            let (left, right) = (tree.child(0, of: node), tree.child(1, of: node))
            if let constant = known(right) { return equality(constant).map { (left, $0, isNegated) } }
            if let constant = known(left) { return equality(constant).map { (right, $0, isNegated) } }
            return nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return order(node)
        case .isIn, .isNotIn: return membership(node)
        case .call: return textTest(node)
        default: return nil
        }
    }

    private func equality(_ constant: Constant) -> Test? {
        if constant == .null { return .isNull }
        return constant.indexScalar.map { .equals($0) }
    }

    private func order(_ node: NodeID) -> (NodeID, Test?, Bool)? {
        let (left, right) = (tree.child(0, of: node), tree.child(1, of: node))
        let operation = tree.kind(of: node)
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
        let (left, right) = (tree.child(0, of: node), tree.child(1, of: node))
        let isNegated = tree.kind(of: node) == .isNotIn
        if tree.kind(of: right) == .interval {
            var ends: [Bound?] = []
            for place in 0...1 {
                let end = tree.child(place, of: right)
                guard end.exists else { ends.append(nil); continue }
                guard let scalar = known(end)?.ordered else { return nil }
                ends.append(Bound(scalar, isIncluded: place == 0 || tree.flag(of: right) != 1))
            }
            if let low = ends[0], let high = ends[1], low.value.isText != high.value.isText { return nil }
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
            case .string(let text)? = known(call.arguments[0]), !isCoerced(call.arguments[0])
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

    /// A constant's value. A path of the event is none, and looking it up among the constants would cost the most.
    private func known(_ node: NodeID) -> Constant? {
        switch tree.kind(of: node) {
        case .integer, .size: return .int(tree.integer(of: node))
        case .float: return .float(tree.float(of: node))
        case .string: return .string(tree.string(of: node))
        case .trueLiteral: return .bool(true)
        case .falseLiteral: return .bool(false)
        case .nullLiteral: return .null
        default: break
        }
        var head = node
        while tree.kind(of: head) == .member || tree.kind(of: head) == .index { head = tree.child(0, of: head) }
        if tree.kind(of: head) == .name, isLocal(head) { return nil }
        return fold(node)
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
