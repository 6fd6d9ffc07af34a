// PredicateLowering.swift: what the rule index understands of a `where`.
//
// Reads the same tree that becomes the predicate's code, and must say the same or `opaque`: tests of a static path
// against constants, joined by `and`, `or`, `not`. Neighbours: FunctionLowering+Conditions.swift (the code),
// Check/TestReading.swift (the tests), Routing/Predicate.swift (the meaning),
// Tests/LanguageTests/IndexDifferentialTests.swift (compares the two).

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
            guard let (subject, test, isNegated) = readTest(node), let slot = plainSlot(subject) else {
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
            guard let (subject, test, isTestNegated) = readTest(node), let test, let keys = itemPath(subject, name)
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
