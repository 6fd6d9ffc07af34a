// LayoutWalker+Routes.swift: subscriptions with their rules, endpoints, services and triggers.

extension LayoutWalker {
    mutating func subscribe(_ node: NodeID) {
        take()
        space()
        string()
        options(tree.child(1, of: node))
        space()
        let column = layout.channel()
        braces(tree.children(of: node).dropFirst(2)) { walker, rule in walker.rule(rule, column: column) }
    }

    private mutating func rule(_ node: NodeID, column: AlignmentChannel) {
        _ = begin()
        take()
        if tree.kind(of: node) == .otherwiseRule {
            action(tree.child(0, of: node), column: column)
        } else {
            typePatterns(tree.child(0, of: node))
            if tree.child(1, of: node).exists {
                space()
                take(.as)
                space()
                take(.name)
            }
            filter(tree.child(2, of: node))
            action(tree.child(3, of: node), column: column)
        }
        layout.end()
    }

    /// `"a", "b"`: as many on a line as the line holds is not worth the rule; one a line when they do not fit.
    private mutating func typePatterns(_ node: NodeID) {
        let patterns = tree.children(of: node)
        guard !patterns.isEmpty else { return }
        space()
        _ = begin()
        continuation()
        for index in patterns.indices {
            string()
            guard index < patterns.endIndex - 1 else { break }
            take(.comma)
            line()
        }
        outdent()
        layout.end()
    }

    /// ` where condition`; nothing where there is none.
    mutating func filter(_ node: NodeID) {
        guard node.exists else { return }
        space()
        take(.where)
        space()
        expression(node)
    }

    /// ` => path` on this line or the next, or a block.
    private mutating func action(_ node: NodeID, column: AlignmentChannel) {
        if tree.kind(of: node) == .block {
            space()
            layout.add(.cell(column, wholeItemOnLine: true))
            return block(node)
        }
        continuation()
        line()
        layout.add(.cell(column, wholeItemOnLine: false))
        take(.fatArrow)
        space()
        path(node)
        outdent()
    }

    mutating func path(_ node: NodeID) {
        take()
        for _ in tree.children(of: node).dropFirst() {
            take(.dot)
            take()
        }
    }

    mutating func endpoint(_ node: NodeID, column: AlignmentChannel) {
        _ = begin()
        take()
        space()
        string()
        options(tree.child(2, of: node))
        action(tree.child(3, of: node), column: column)
        layout.end()
    }

    mutating func serve(_ node: NodeID) {
        take()
        space()
        string()
        space()
        take(.as)
        space()
        path(tree.child(1, of: node))
        options(tree.child(2, of: node))
        space()
        let column = layout.channel()
        braces(tree.children(of: node).dropFirst(3)) { walker, method in
            _ = walker.begin()
            walker.take()
            walker.action(walker.tree.child(1, of: method), column: column)
            walker.layout.end()
        }
    }
}
