// LayoutWalker+Compounds.swift: lists, objects and the worded expressions.

extension LayoutWalker {
    mutating func compound(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .list:
            let items = tree.children(of: node)
            let hugsLast = items.count == 1 && items.first.map { tree.kind(of: $0) == .object } ?? false
            list(items, separator: .comma, isPadded: false, hugsLast: hugsLast) { walker, item in walker.item(item) }
        case .object:
            list(tree.children(of: node), separator: .comma, isPadded: true) { walker, entry in walker.entry(entry) }
        case .listComprehension, .objectComprehension: comprehension(node)
        case .ifExpression:
            _ = begin()
            ifExpression(node)
            layout.end()
        case .matchExpression: matchExpression(node)
        case .update, .lock: storeEntry(node)
        case .transaction:
            take(.transaction)
            space()
            take(.name)
            options(tree.child(1, of: node))
            space()
            block(tree.child(2, of: node))
        case .together:
            take(.together)
            space()
            expression(tree.child(0, of: node))
        case .anyQuantifier, .allQuantifier: quantifier(node)
        case .exists:
            take(.exists)
            take(.leftParen)
            expression(tree.child(0, of: node))
            take(.rightParen)
        default: lose()
        }
    }

    private mutating func item(_ node: NodeID) {
        guard tree.kind(of: node) == .spread else { return expression(node) }
        take(.spread)
        expression(tree.child(0, of: node))
    }

    private mutating func entry(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .spread: item(node)
        case .shorthandEntry: take(.name)
        case .computedEntry: computedEntry(tree.child(0, of: node), tree.child(1, of: node))
        case .entry:
            key(tree.child(0, of: node))
            take(.colon)
            space()
            expression(tree.child(1, of: node))
        default: lose()
        }
    }

    private mutating func computedEntry(_ key: NodeID, _ value: NodeID) {
        take(.leftBracket)
        expression(key)
        take(.rightBracket)
        take(.colon)
        space()
        expression(value)
    }

    /// `[value for x in list where …]`: the value and each part of the clause on lines of their own when it is long.
    private mutating func comprehension(_ node: NodeID) {
        let isObject = tree.kind(of: node) == .objectComprehension
        let parts = tree.children(of: node)
        _ = begin(isForced: isObject && endsLine)
        take()
        layout.add(.indent(2))
        if isObject { line() } else { layout.softLine() }
        ownComments()
        if isObject {
            computedEntry(tree.child(0, of: node), tree.child(1, of: node))
        } else {
            expression(tree.child(0, of: node))
        }
        line()
        if let clause = parts.last { self.clause(clause) }
        closingComments()
        outdent()
        if isObject { line() } else { layout.softLine() }
        take()
        layout.end()
    }

    private mutating func clause(_ node: NodeID) {
        take(.for)
        space()
        iteration(node)
        guard tree.child(3, of: node).exists else { return }
        line()
        take(.where)
        space()
        expression(tree.child(3, of: node))
    }

    // Worded expressions.

    /// All blocks of the chain are open, or none is.
    private mutating func ifExpression(_ node: NodeID) {
        take(.if)
        space()
        expression(tree.child(0, of: node))
        space()
        openIfBlock(tree.child(1, of: node))
        let otherwise = tree.child(2, of: node)
        guard otherwise.exists else { return }
        space()
        // `else` stands behind the brace: comments before it go into its block.
        holdComments()
        take(.else)
        space()
        if tree.kind(of: otherwise) == .ifExpression { ifExpression(otherwise) } else { openIfBlock(otherwise) }
    }

    private mutating func openIfBlock(_ node: NodeID) {
        if isOpenBlock(node) { layout.forceInnermost() }
        openBlock(node)
    }

    private mutating func matchExpression(_ node: NodeID) {
        take(.match)
        space()
        expression(tree.child(0, of: node))
        space()
        let column = layout.channel()
        list(tree.children(of: node).dropFirst(), separator: .lineOrComma, isPadded: true) { walker, arm in
            walker.arm(arm, column: column)
        }
    }

    private mutating func arm(_ node: NodeID, column: AlignmentChannel) {
        if tree.kind(of: node) == .matchOtherwise {
            take(.otherwise)
            return result(tree.child(0, of: node), column: column)
        }
        pattern(tree.child(0, of: node))
        filter(tree.child(1, of: node))
        result(tree.child(2, of: node), column: column)
    }

    private mutating func result(_ node: NodeID, column: AlignmentChannel) {
        space()
        if tree.kind(of: node) == .block {
            layout.add(.cell(column, wholeItemOnLine: true))
            return block(node)
        }
        layout.add(.cell(column, wholeItemOnLine: false))
        take(.fatArrow)
        space()
        expression(node)
    }

    /// `update name[key] (options) as name block`, and `lock` without the `as`.
    private mutating func storeEntry(_ node: NodeID) {
        take()
        space()
        take(.name)
        take(.leftBracket)
        expression(tree.child(1, of: node))
        take(.rightBracket)
        options(tree.child(2, of: node))
        space()
        guard tree.kind(of: node) == .update else { return block(tree.child(3, of: node)) }
        take(.as)
        space()
        take(.name)
        space()
        block(tree.child(4, of: node))
    }

    /// `any(x in list where …)`
    private mutating func quantifier(_ node: NodeID) {
        _ = begin()
        take()
        take(.leftParen)
        layout.add(.indent(2))
        layout.softLine()
        take(.name)
        space()
        take(.in)
        space()
        expression(tree.child(1, of: node))
        line()
        take(.where)
        space()
        expression(tree.child(2, of: node))
        closingComments()
        outdent()
        layout.softLine()
        take(.rightParen)
        layout.end()
    }
}
