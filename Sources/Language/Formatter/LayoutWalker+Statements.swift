// LayoutWalker+Statements.swift: blocks and what stands in them.

extension LayoutWalker {
    /// On one line when it holds at most one statement, was written so and fits.
    mutating func block(_ node: NodeID) {
        guard tree.kind(of: node) == .block else { return lose() }
        _ = begin(isForced: isOpenBlock(node))
        openBlock(node)
        layout.end()
    }

    /// At its `{`: whether the block has a line for each statement in any case.
    func isOpenBlock(_ node: NodeID) -> Bool {
        let count = tree.children(of: node).count
        return count > 1 || count == 1 && endsLine
    }

    /// In the group that is open.
    mutating func openBlock(_ node: NodeID) {
        openBraces(tree.children(of: node)) { walker, statement in walker.statement(statement) }
    }

    private mutating func statement(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .letStatement, .varStatement: local(node)
        case .assignment:
            take(.name)
            space()
            take()
            space()
            expression(tree.child(1, of: node))
        case .forLoop:
            take(.for)
            space()
            clauseBody(node)
            space()
            block(tree.child(4, of: node))
        default: expression(node)
        }
    }

    /// `a, b in subject where condition`
    mutating func clauseBody(_ node: NodeID) {
        iteration(node)
        filter(tree.child(3, of: node))
    }

    /// `a, b in subject`
    mutating func iteration(_ node: NodeID) {
        take(.name)
        if tree.child(1, of: node).exists {
            take(.comma)
            space()
            take(.name)
        }
        space()
        take(.in)
        space()
        intervalOrExpression(tree.child(2, of: node))
    }
}
