// FormatterRoles.swift: what the tree knows about tokens that look alike: a type's brace, a sign, options, columns.

internal import Diagnostics

struct FormatterRoles {
    enum Role {
        /// Statements: lines, or `;`.
        case block
        /// Rules and methods: lines; a comma goes on.
        case rules
        /// Record fields and arms: lines, or commas on one line.
        case lines
        /// Items with commas between; on lines of their own the last one has a comma too.
        case items
        /// A type's brackets: no spaces inside.
        case type
        /// Brackets of anything else.
        case other
    }

    /// What stands below one another in consecutive lines.
    enum Stop: Hashable {
        case rule, arm, endpoint, resourceName, resourceValue
    }

    private var byStart: [UInt32: Role] = [:]
    private var byEnd: [UInt32: Role] = [:]
    private var spacedEmpty: Set<UInt32> = []
    private var options: Set<UInt32> = []
    private var signs: Set<UInt32> = []
    /// Where a `<` of a type comes next, and where its `>` begins.
    private var beforeAngles: Set<UInt32> = []
    private var closingAngles: Set<UInt32> = []
    private var stops: [UInt32: Stop] = [:]

    init(_ tree: SyntaxTree) {
        for raw in 0..<UInt32(tree.nodeCount) { note(NodeID(raw), in: tree) }
    }

    private mutating func note(_ node: NodeID, in tree: SyntaxTree) {
        let start = tree.range(of: node).start
        let end = tree.range(of: node).end
        switch tree.kind(of: node) {
        case .block:
            byStart[start] = .block
            spacedEmpty.insert(start)
        case .object, .list, .objectPattern, .listPattern, .parameters: byStart[start] = .items
        case .options:
            byStart[start] = .items
            options.insert(start)
        case .call: byEnd[end] = .items
        case .record, .matchExpression: byEnd[end] = .lines
        case .subscribe, .serve: byEnd[end] = .rules
        case .typeDictionary:
            byStart[start] = .type
            byEnd[end] = .type
        case .negate: signs.insert(start)
        case .integer where tree.integer(of: node) == .min: signs.insert(start)
        case .typeName:
            let argument = tree.child(2, of: node)
            guard argument.exists else { return }
            let bounds = tree.child(1, of: node)
            beforeAngles.insert(tree.range(of: bounds.exists ? bounds : tree.child(0, of: node)).end)
            closingAngles.insert(end - 1)
        case .rule, .otherwiseRule, .serveMethod: noteStop(of: node, .rule, in: tree)
        case .endpoint, .trigger: noteStop(of: node, .endpoint, in: tree)
        case .arm, .matchOtherwise: noteStop(of: node, .arm, in: tree)
        case .resource:
            stops[tree.range(of: tree.child(1, of: node)).start] = .resourceName
        default: break
        }
    }

    /// An action or result that is a block; the others begin with `=>`, which is found without the tree.
    private mutating func noteStop(of node: NodeID, _ stop: Stop, in tree: SyntaxTree) {
        guard let last = tree.children(of: node).last, last.exists, tree.kind(of: last) == .block
        else { return }
        stops[tree.range(of: last).start] = stop
    }

    func role(opener: Token) -> Role { byStart[opener.start] ?? .other }
    func role(closer: Token) -> Role { byEnd[closer.end] ?? .other }
    func role(opener: Token, closer: Token) -> Role { byStart[opener.start] ?? byEnd[closer.end] ?? .other }
    func isSpacedEmpty(_ opener: Token) -> Bool { spacedEmpty.contains(opener.start) }
    func isOptions(_ token: Token) -> Bool { options.contains(token.start) }
    func isSign(_ token: Token) -> Bool { signs.contains(token.start) }
    func isOpeningAngle(after token: Token) -> Bool { beforeAngles.contains(token.end) }
    /// `>`, or a `>=` that is a `>` and an `=`.
    func isClosingAngle(_ token: Token) -> Bool { closingAngles.contains(token.start) }
    func stop(at token: Token) -> Stop? { stops[token.start] }
}
