// SecretWalk+Statements.swift: blocks, locals, loops, and what goes out at the ends of a run.

internal import Machine

extension SecretWalk {
    /// Statements one after another; the last one's value.
    mutating func block(_ node: NodeID) -> SecretFlow {
        guard node.exists else { return .clean }
        guard kind(node) == .block else { return flow(node) }
        var last = SecretFlow.clean
        for statement in children(node) { last = self.statement(statement) }
        return last
    }

    private mutating func statement(_ node: NodeID) -> SecretFlow {
        switch kind(node) {
        case .letStatement, .varStatement:
            let value = flow(child(2, node))
            bind(child(0, node), value)
            return .clean
        case .assignment:
            assign(node)
            return .clean
        case .forLoop:
            loop { walk in
                walk.scoped { walk in
                    walk.clause(Array(walk.children(node).prefix(4)))
                    _ = walk.flow(walk.child(4, node))
                }
            }
            return .clean
        default: return flow(node)
        }
    }

    private mutating func assign(_ node: NodeID) {
        let value = flow(child(1, node)).limited()
        let nameNode = child(0, node)
        guard kind(nameNode) == .name else { return }
        let name = tree.symbol(of: nameNode)
        guard !isEnded, let index = locals.lastIndex(where: { $0.name == name }) else { return }
        guard tree.flag(of: node) == AssignmentOperator.set.rawValue else { return }
        locals[index].flow = value.going("and kept as `\(word(nameNode))`", at: range(nameNode))
    }

    mutating func exit(_ node: NodeID) -> SecretFlow {
        switch kind(node) {
        case .returnExit:
            let value = flow(child(0, node))
            if isHandler {
                sink(value, "returned from the handler", at: child(0, node))
            } else if !isEnded {
                result = result.joined(with: value)
            }
        case .retryExit, .dropExit: sink(flow(child(0, node)), "told as the reason", at: child(0, node))
        case .failExit: sink(flow(child(0, node)), "told in the failure", at: child(0, node))
        case .breakExit, .continueExit:
            // What the locals hold here they may hold behind the loop.
            return .clean
        default: break
        }
        isEnded = true
        return .clean
    }
}
