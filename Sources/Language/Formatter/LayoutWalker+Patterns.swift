// LayoutWalker+Patterns.swift: the patterns of `match`.

extension LayoutWalker {
    mutating func pattern(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .alternatives:
            let singles = tree.children(of: node)
            _ = begin()
            for (index, single) in singles.enumerated() {
                if index > 0 {
                    continuation()
                    line()
                    take(.bar)
                    space()
                }
                pattern(single)
                if index > 0 { outdent() }
            }
            layout.end()
        case .bindingPattern:
            pattern(tree.child(0, of: node))
            space()
            take(.as)
            space()
            take(.name)
        case .interval: interval(node)
        case .listPattern:
            list(tree.children(of: node), separator: .comma, isPadded: false) { walker, part in walker.pattern(part) }
        case .restPattern:
            take(.spread)
            take(.name)
        case .objectPattern:
            list(tree.children(of: node), separator: .comma, isPadded: true) { walker, fit in walker.pattern(fit) }
        case .fieldPattern:
            key(tree.child(0, of: node))
            take(.colon)
            space()
            pattern(tree.child(1, of: node))
        default: literal()
        }
    }
}
