// ClauseLowering.swift: a `where` in its clauses, each a predicate of its own, for whoever explains it.
//
// Only on request: a deployment that runs has no use for them. Neighbours: PredicateLowering.swift (for the index),
// Routing/Explanation.swift (what is done with them).

internal import Diagnostics
internal import Machine
internal import Routing

extension Lowering {
    func clause(of condition: NodeKey, rule: String) -> RuleClause {
        let saved = (frame.file, frame.tree, frame.isPredicate)
        defer { (frame.file, frame.tree, frame.isPredicate) = saved }
        frame.file = condition.file
        frame.tree = declarations.files[condition.file].tree
        frame.isPredicate = true
        return clause(condition.node, rule)
    }

    private func clause(_ node: NodeID, _ rule: String) -> RuleClause {
        let place = range(node)
        switch kind(node) {
        case .and, .or:
            let parts = operands(of: node, kind(node)).map { clause($0, rule) }
            return RuleClause(joint: kind(node) == .and ? .all : .any, range: place, paths: [], parts: parts)
        case .not where kind(child(0, node)) == .and || kind(child(0, node)) == .or:
            return RuleClause(joint: .not, range: place, paths: [], parts: [clause(child(0, node), rule)])
        default:
            let function = declare(.predicate(key(node)), named: "a clause of \(rule)", parameters: 0, place)
            var paths: [RuleClause.ReadPath] = []
            collectPaths(node, into: &paths)
            return RuleClause(joint: .test(function), range: place, paths: paths, parts: [])
        }
    }

    /// The longest paths that begin with `event`, each once.
    private func collectPaths(_ node: NodeID, into paths: inout [RuleClause.ReadPath]) {
        guard node.exists else { return }
        if kind(node) == .member || kind(node) == .index, let slot = slot(of: node) {
            let path = RuleClause.ReadPath(slot: slot, text: writtenText(node))
            if !paths.contains(path) { paths.append(path) }
            return
        }
        for (place, child) in children(node).enumerated() {
            // `event.data.id.matches(…)` reads `event.data.id`.
            let isMethod = kind(node) == .call && place == 0 && kind(child) == .member
            collectPaths(isMethod ? self.child(0, child) : child, into: &paths)
        }
    }

    private func writtenText(_ node: NodeID) -> String {
        let place = range(node)
        let bytes = declarations.files[frame.file].source.bytes[Int(place.start)..<Int(place.end)]
        return String(decoding: bytes, as: UTF8.self)
    }
}
