// LayoutWalker+Declarations.swift: what stands at the top level of a file, routes aside.

extension LayoutWalker {
    /// The columns of the lists that are being written; each kind of line has its own.
    struct Columns {
        let resourceName: AlignmentChannel
        let resourceTarget: AlignmentChannel
        let action: AlignmentChannel
    }

    mutating func file() {
        let columns = Columns(
            resourceName: layout.channel(), resourceTarget: layout.channel(), action: layout.channel())
        let declarations = tree.children(of: tree.root)
        while at(.semicolon) { drop() }
        if declarations.isEmpty { return ownComments() }
        lines(declarations) { walker, node in walker.declaration(node, columns) }
        if !at(.endOfFile) { lose() }
    }

    private mutating func declaration(_ node: NodeID, _ columns: Columns) {
        switch tree.kind(of: node) {
        case .record: record(node)
        case .eventType: eventType(node)
        case .constant: local(node)
        case .function: function(node)
        case .handler: handler(node)
        case .resource: resource(node, columns)
        case .subscribe: subscribe(node)
        case .endpoint, .trigger: endpoint(node, column: columns.action)
        case .serve: serve(node)
        default: lose()
        }
    }

    private mutating func record(_ node: NodeID) {
        take()
        space()
        take(.name)
        space()
        list(tree.children(of: node).dropFirst(), separator: .lineOrComma, isPadded: true) { walker, field in
            walker.field(field)
        }
    }

    private mutating func field(_ node: NodeID) {
        key(tree.child(0, of: node))
        take(.colon)
        space()
        type(tree.child(1, of: node))
        guard tree.child(2, of: node).exists else { return }
        space()
        take(.assign)
        space()
        expression(tree.child(2, of: node))
    }

    /// A word or a string.
    mutating func key(_ node: NodeID) {
        if tree.kind(of: node) == .string { string() } else { take() }
    }

    private mutating func eventType(_ node: NodeID) {
        take()
        space()
        string()
        take(.colon)
        space()
        type(tree.child(1, of: node))
    }

    /// `let name: type = expression`, and `var`.
    mutating func local(_ node: NodeID) {
        take()
        space()
        take(.name)
        annotation(tree.child(1, of: node))
        space()
        take(.assign)
        space()
        expression(tree.child(2, of: node))
    }

    private mutating func annotation(_ type: NodeID) {
        guard type.exists else { return }
        take(.colon)
        space()
        self.type(type)
    }

    private mutating func function(_ node: NodeID) {
        take(.fn)
        space()
        take(.name)
        list(tree.children(of: tree.child(1, of: node)), separator: .comma, isPadded: false) { walker, parameter in
            walker.parameter(parameter)
        }
        if tree.child(2, of: node).exists {
            space()
            take(.arrow)
            space()
            type(tree.child(2, of: node))
        }
        space()
        let body = tree.child(3, of: node)
        if tree.kind(of: body) == .block { return block(body) }
        take(.assign)
        space()
        expression(body)
    }

    private mutating func parameter(_ node: NodeID) {
        take(.name)
        annotation(tree.child(1, of: node))
    }

    private mutating func handler(_ node: NodeID) {
        take()
        space()
        take(.name)
        let parameter = tree.child(1, of: node)
        list(parameter.exists ? [parameter] : [], separator: .commaBetween, isPadded: false) { walker, parameter in
            walker.parameter(parameter)
        }
        space()
        block(tree.child(2, of: node))
    }

    private mutating func resource(_ node: NodeID, _ columns: Columns) {
        take()
        space()
        layout.add(.cell(columns.resourceName, wholeItemOnLine: false))
        take(.name)
        space()
        layout.add(.cell(columns.resourceTarget, wholeItemOnLine: false))
        take(.assign)
        space()
        target(tree.child(2, of: node))
        options(tree.child(3, of: node))
    }

    private mutating func target(_ node: NodeID) {
        if tree.kind(of: node) == .targetText { return string() }
        take(.name)
        let strings = tree.children(of: node).filter(\.exists)
        list(strings, separator: .commaBetween, isPadded: false) { walker, _ in walker.string() }
    }

    /// ` (name: value, …)`; nothing where there are none.
    mutating func options(_ node: NodeID) {
        guard node.exists else { return }
        let column = layout.channel()
        space()
        list(tree.children(of: node), separator: .comma, isPadded: false) { walker, option in
            walker.key(walker.tree.child(0, of: option))
            walker.take(.colon)
            walker.space()
            walker.layout.add(.cell(column, wholeItemOnLine: false))
            walker.intervalOrExpression(walker.tree.child(1, of: option))
        }
    }
}
