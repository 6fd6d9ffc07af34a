// Contradiction.swift: a `where` whose comparisons of one path leave no value.
//
// Only what is plain to see: comparisons joined by `and`, of a static path with a constant. It must never
// report a rule that can match.

internal import Diagnostics
internal import Machine

/// What comparisons with constants leave of one path's values.
private struct Remaining {
    var low: (value: Double, isIncluded: Bool, text: String)?
    var high: (value: Double, isIncluded: Bool, text: String)?
    var equal: Constant?
    /// Why nothing is left; nil while something is.
    var emptiness: String?

    mutating func add(_ operation: NodeKind, _ constant: Constant) {
        if operation == .equal {
            if let equal, !Self.same(equal, constant) {
                emptiness = emptiness ?? "nothing is \(equal.text) and \(constant.text)"
            }
            equal = equal ?? constant
        }
        guard let number = constant.number else { return }
        switch operation {
        case .greater, .greaterOrEqual:
            if low.map({ number >= $0.value }) ?? true { low = (number, operation == .greaterOrEqual, constant.text) }
        case .less, .lessOrEqual:
            if high.map({ number <= $0.value }) ?? true { high = (number, operation == .lessOrEqual, constant.text) }
        case .equal:
            low = low.map { $0.value > number ? $0 : (number, true, constant.text) } ?? (number, true, constant.text)
            high = high.map { $0.value < number ? $0 : (number, true, constant.text) } ?? (number, true, constant.text)
        default: break
        }
        guard let low, let high else { return }
        if low.value > high.value || (low.value == high.value && !(low.isIncluded && high.isIncluded)) {
            emptiness = emptiness ?? "no number is above \(low.text) and below \(high.text)"
        }
    }

    private static func same(_ one: Constant, _ two: Constant) -> Bool {
        if let left = one.number, let right = two.number { return left == right }
        return one == two
    }
}

extension Checker {
    func reportContradiction(_ condition: NodeID) {
        var paths: [String: Remaining] = [:]
        for conjunct in conjuncts(of: condition) {
            guard let (path, operation, constant) = comparison(conjunct) else { continue }
            var remaining = paths[path] ?? Remaining()
            remaining.add(operation, constant)
            paths[path] = remaining
            if let emptiness = remaining.emptiness {
                report(
                    Diagnostic(
                        code: .ruleNeverMatches, title: "this rule can never match",
                        primary: Label(range(condition), emptiness), help: ["did you mean `or`?"]))
                return
            }
        }
    }

    private func conjuncts(of node: NodeID) -> [NodeID] {
        kind(node) == .and ? tree.children(of: node).flatMap { conjuncts(of: $0) } : [node]
    }

    /// `path operator constant`, turned round where the constant stands first.
    private func comparison(_ node: NodeID) -> (path: String, operation: NodeKind, constant: Constant)? {
        let turned: [NodeKind: NodeKind] = [
            .equal: .equal, .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less,
            .greaterOrEqual: .lessOrEqual,
        ]
        guard let mirror = turned[kind(node)] else { return nil }
        let left = child(0, node)
        let right = child(1, node)
        if let path = staticPath(left), let constant = fold(right) { return (path, kind(node), constant) }
        if let path = staticPath(right), let constant = fold(left) { return (path, mirror, constant) }
        return nil
    }

    private func staticPath(_ node: NodeID) -> String? {
        guard let names = plainPath(node), names.count > 1, word(names[0]) == "event" else { return nil }
        return names.map { word($0) }.joined(separator: ".")
    }
}
