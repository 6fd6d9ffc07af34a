// LayoutWalker+Expressions.swift: expressions: brackets, exits, operators, chains of dots and calls.

internal import Diagnostics

extension LayoutWalker {
    /// With the round brackets around it, which the tree does not know of: they are kept.
    mutating func expression(_ node: NodeID) {
        var opened = 0
        while isBracketed(node) {
            _ = begin()
            take()
            layout.add(.indent(2))
            layout.softLine()
            ownComments()
            opened += 1
        }
        bareExpression(node)
        for _ in 0..<opened {
            closeRoundBracket()
            layout.end()
        }
    }

    private mutating func closeRoundBracket() {
        closingComments()
        outdent()
        layout.softLine()
        take(.rightParen)
    }

    /// At a `(` that holds the whole of the node and nothing of what is around it.
    func isBracketed(_ node: NodeID) -> Bool {
        guard at(.leftParen), Int(token.payload) < tokens.count else { return false }
        return tokens[Int(token.payload)].start >= tree.range(of: node).end
    }

    private mutating func bareExpression(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .returnExit, .retryExit, .dropExit, .failExit: exit(node)
        case .or, .and, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .isNotIn, .coalesce,
            .add, .subtract, .multiply, .divide, .remainder:
            operators(node)
        case .catchValue: catchValue(node)
        case .catchBinding: catchBinding(node)
        case .not:
            take(.not)
            space()
            expression(tree.child(0, of: node))
        case .negate:
            take(.minus)
            expression(tree.child(0, of: node))
        case .member, .templateCall, .index, .call: postfixes(node)
        case .string, .text: string()
        case .integer: literal()
        case .name, .size, .duration, .float, .trueLiteral, .falseLiteral, .nullLiteral, .keepExit, .breakExit,
            .continueExit:
            take()
        default: compound(node)
        }
    }

    private mutating func exit(_ node: NodeID) {
        take()
        guard let operand = tree.children(of: node).first, operand.exists else { return }
        space()
        expression(operand)
    }

    // Operators.

    private static func level(_ kind: NodeKind) -> Int? {
        switch kind {
        case .or: Precedence.or
        case .and: Precedence.and
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .isNotIn: Precedence.comparison
        case .coalesce: Precedence.coalesce
        case .add, .subtract: Precedence.sum
        case .multiply, .divide, .remainder: Precedence.product
        default: nil
        }
    }

    /// Operands of one level, which break together: before the operators, but behind them where one is a `-`, which
    /// would begin a statement of its own.
    private mutating func operators(_ node: NodeID) {
        let level = Self.level(tree.kind(of: node))
        var first = node
        var rest: [NodeID] = []
        var hasMinus = false
        repeat {
            hasMinus = hasMinus || tree.kind(of: first) == .subtract
            rest.append(tree.child(1, of: first))
            first = tree.child(0, of: first)
        } while Self.level(tree.kind(of: first)) == level && !isBracketed(first)
        let group = begin()
        expression(first)
        continuation()
        for (index, operand) in rest.reversed().enumerated() {
            if hasMinus { space() } else { line() }
            if at(.not) {
                take()
                space()
            }
            take()
            if hasMinus { line() } else { space() }
            if hasMinus { ownComments() }
            hugger = index == rest.count - 1 && isHuggable(operand) ? group : nil
            intervalOrExpression(operand)
            hugger = nil
        }
        outdent()
        layout.end()
    }

    /// Its brackets may stand open at the end of a line while what is around goes on. (Empty ones have nothing to end a
    /// line for: then what is around has to.)
    private func isHuggable(_ node: NodeID) -> Bool {
        switch tree.kind(of: node) {
        case .object, .list: !tree.children(of: node).isEmpty
        case .listComprehension, .objectComprehension: true
        case .together: isHuggable(tree.child(0, of: node))
        default: false
        }
    }

    private mutating func catchValue(_ node: NodeID) {
        let fallback = tree.child(1, of: node)
        let group = begin()
        expression(tree.child(0, of: node))
        continuation()
        line()
        take(.catch)
        space()
        hugger = isHuggable(fallback) ? group : nil
        expression(fallback)
        hugger = nil
        outdent()
        layout.end()
    }

    private mutating func catchBinding(_ node: NodeID) {
        expression(tree.child(0, of: node))
        space()
        take(.catch)
        space()
        take(.name)
        space()
        block(tree.child(2, of: node))
    }

    // Dots, indexes and calls.

    /// A line may end before a `.name(`, the first call of the chain aside.
    private mutating func postfixes(_ node: NodeID) {
        var links: [NodeID] = []
        var base = node
        repeat {
            links.append(base)
            base = tree.child(0, of: base)
        } while isPostfix(base) && !isBracketed(base)
        links.reverse()
        let calls = links.indices.filter { index in
            tree.kind(of: links[index]) == .member && index + 1 < links.count && isCall(links[index + 1])
        }
        let breaks = Set(calls.dropFirst())
        let group = breaks.isEmpty ? nil : begin()
        expression(base)
        for (index, link) in links.enumerated() {
            if index == calls.dropFirst().first { continuation() }
            if breaks.contains(index) { layout.softLine() }
            // Two calls may stay on one line while the last one's brackets stand open; more are clearer in a column.
            if breaks.count == 1, index == links.count - 1, tree.children(of: link).count > 1 { hugger = group }
            self.link(link)
            hugger = nil
        }
        guard group != nil else { return }
        outdent()
        layout.end()
    }

    private func isPostfix(_ node: NodeID) -> Bool {
        switch tree.kind(of: node) {
        case .member, .templateCall, .index, .call: true
        default: false
        }
    }

    private func isCall(_ node: NodeID) -> Bool {
        tree.kind(of: node) == .call || tree.kind(of: node) == .templateCall
    }

    private mutating func link(_ node: NodeID) {
        switch tree.kind(of: node) {
        case .member:
            take()
            take()
        case .templateCall:
            space()
            string()
        case .index:
            take(.leftBracket)
            expression(tree.child(1, of: node))
            take(.rightBracket)
        default: call(node)
        }
    }

    private mutating func call(_ node: NodeID) {
        let arguments = tree.children(of: node).dropFirst()
        let hugsLast = arguments.last.map { isHuggable(tree.child(1, of: $0)) } ?? false
        list(arguments, separator: .comma, isPadded: false, hugsLast: hugsLast) { walker, argument in
            if walker.tree.child(0, of: argument).exists {
                walker.key(walker.tree.child(0, of: argument))
                walker.take(.colon)
                walker.space()
            }
            walker.argumentValue(walker.tree.child(1, of: argument))
        }
    }

    private mutating func argumentValue(_ node: NodeID) {
        guard tree.kind(of: node) == .selector else { return expression(node) }
        for _ in tree.children(of: node) {
            take(.dot)
            take()
        }
    }
}
