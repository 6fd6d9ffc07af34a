// LayoutWalker+Types.swift: types, their bounds, and intervals.

extension LayoutWalker {
    mutating func type(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .typeOptional:
            type(tree.child(0, of: node))
            take(.question)
        case .typeUnion: union(node)
        case .typeName:
            take()
            bounds(tree.child(1, of: node))
            argument(tree.child(2, of: node))
        case .typeList, .typeDictionary:
            take()
            type(tree.child(0, of: node))
            take()
            bounds(tree.child(1, of: node))
        default: lose()
        }
    }

    /// `"card" | "cash"`
    private mutating func union(_ node: NodeID) {
        _ = begin()
        literal()
        continuation()
        for _ in tree.children(of: node).dropFirst() {
            line()
            take(.bar)
            space()
            literal()
        }
        outdent()
        layout.end()
    }

    /// `[ "-" ] literal | string` of types, bounds and patterns.
    mutating func literal() {
        if token.kind.isText { return string() }
        if at(.minus) { take() }
        take()
    }

    private mutating func argument(_ node: NodeID) {
        guard node.exists else { return }
        take(.less)
        type(node)
        closeAngle()
    }

    private mutating func bounds(_ node: NodeID) {
        guard node.exists else { return }
        take(.leftParen)
        if tree.kind(of: node) == .boundsLike {
            take()
            take(.colon)
            space()
            string()
        } else {
            interval(tree.child(0, of: node))
        }
        take(.rightParen)
    }

    mutating func intervalOrExpression(_ node: NodeID) {
        if tree.kind(of: node) == .interval { interval(node) } else { expression(node) }
    }

    /// `low..high`, one end or none of them absent, without spaces.
    mutating func interval(_ node: NodeID) {
        intervalEnd(tree.child(0, of: node))
        take()
        intervalEnd(tree.child(1, of: node))
    }

    private mutating func intervalEnd(_ node: NodeID) {
        guard node.exists else { return }
        if tree.kind(of: node) == .path { path(node) } else { expression(node) }
    }
}
