// Lowering.swift: from the checked tree to a program: the tables, and what is lowered when.
//
// Only what the routes reach becomes code. Every function is lowered once, by a worklist; inside a function
// FunctionLowering*.swift walks the tree. Nothing is checked again here: the checker has found no error.
// Neighbours: Check/Checker.swift (callees, coercions), Machine/Assembler.swift (takes the instructions).

internal import Diagnostics
internal import Machine
internal import Routing

/// A function that is declared in the assembler and not lowered yet.
struct PendingFunction {
    enum Content {
        /// A handler's or function's declaration.
        case member(MemberIndex)
        /// A rule's or endpoint's own block.
        case block(NodeKey, RouteKind, dataType: NodeKey?)
        /// A `where`.
        case predicate(NodeKey)
        /// An `ordered_by`.
        case orderKey(NodeKey)
        /// Fits the event's data and calls the handler.
        case wrapper(MemberIndex, dataType: NodeKey)
        /// A branch of a `together`.
        case branch(PendingBranch)
        /// A constant's expression, when constants are evaluated.
        case constant(MemberIndex)
    }
    let index: FunctionIndex
    let content: Content
    /// What its effects belong to: itself, or for a branch the handler that it stands in.
    let owner: EffectOwner
    let range: SourceRange
}

/// A handler or rule, whose effects are numbered in the order of the source.
struct EffectOwner {
    let index: FunctionIndex
    let name: String
}

/// The checker's outcome, by reference: the lowering calls itself as deep as the tree is, and copies of it must
/// stay small on the stack.
final class CheckedDeployment {
    let declarations: Declarations
    let callees: NodeTable<Callee>
    let coercions: NodeTable<NodeKey>
    let patterns: [NodeKey: Pattern]
    let routes: CheckedRoutes

    init(_ checker: Checker) {
        declarations = checker.declarations
        callees = checker.callees
        coercions = checker.coercions
        patterns = checker.patterns
        routes = checker.routes
    }
}

/// What a lowering has built, and where it stands. Exclusivity is not checked when it runs: one lowering in one
/// thread uses it, and no access lasts longer than the expression that it stands in.
final class Lowering {
    let checked: CheckedDeployment
    let declarations: Declarations
    @exclusivity(unchecked) var assembler = Assembler()
    @exclusivity(unchecked) var diagnostics: [Diagnostic] = []
    @exclusivity(unchecked) var functionNumbers: [MemberIndex: FunctionIndex] = [:]
    @exclusivity(unchecked) var pending: [PendingFunction] = []
    @exclusivity(unchecked) var shapes: [NodeKey: ShapeIndex] = [:]
    @exclusivity(unchecked) var recordShapes: [RecordIndex: ShapeIndex] = [:]
    /// Values of constants; nil while they are themselves evaluated.
    @exclusivity(unchecked) var constants: [MemberIndex: Constant]?
    /// The handler or rule that is being lowered.
    @exclusivity(unchecked) var owner = EffectOwner(index: FunctionIndex(0), name: "")
    /// Number of the next effect of each handler and rule.
    @exclusivity(unchecked) var effectOrdinals: [FunctionIndex: UInt32] = [:]
    @exclusivity(unchecked) var frame = Frame()
    /// Every SQL statement that was lowered.
    @exclusivity(unchecked) var statements: [CompiledStatement] = []
    /// For what cannot be blamed on a place of its own.
    @exclusivity(unchecked) var lastRange = SourceRange(file: SourceFileID(0), start: 0, end: 0)
    /// Numbers + 1 of names as constants, by symbol; 0 for what has none yet.
    @exclusivity(unchecked) var nameConstants: [UInt32]

    init(_ checker: Checker, constants: [MemberIndex: Constant]?) {
        checked = CheckedDeployment(checker)
        declarations = checker.declarations
        self.constants = constants
        nameConstants = Array(repeating: 0, count: checker.declarations.symbols.count)
    }

    /// What was assembled, which is then gone from here.
    func takeProgram() throws(VerificationError) -> Program {
        var taken = Assembler()
        swap(&taken, &assembler)
        return try taken.finish()
    }

    /// Lowers the whole deployment. Nil when a limit was met or the program did not verify; then
    /// `diagnostics` says so.
    func lowerDeployment(sources: SourceMap, explaining: Bool) -> CompiledDeployment? {
        let subscriptions = checked.routes.subscriptions.map { subscription in
            let rules = subscription.rules.enumerated().map { place, rule in lower(rule, place) }
            let orderKey = subscription.orderKey.map { key in
                declare(.orderKey(key), named: "ordered_by of \(subscription.topic)", parameters: 0, subscription.range)
            }
            let clauses =
                explaining
                ? subscription.rules.map { rule in rule.condition.map { clause(of: $0, rule: rule.name) } } : []
            return CompiledSubscription(
                pubsub: subscription.pubsub, topic: subscription.topic, options: subscription.options,
                orderKey: orderKey, rules: rules, clauses: clauses, range: subscription.range)
        }
        let triggers = checked.routes.triggers.map { lower($0) }
        let endpoints = checked.routes.endpoints.map { endpoint in
            CompiledEndpoint(
                method: endpoint.method, path: endpoint.path, segments: endpoint.segments,
                action: function(of: endpoint.action, .request, dataType: nil, named: endpoint.path, endpoint.range),
                timeoutNanoseconds: endpoint.options.timeoutNanoseconds,
                limitPerSecond: endpoint.options.limitPerSecond, origins: endpoint.options.origins,
                authentication: endpoint.options.authentication, range: endpoint.range)
        }
        guard let program = finish() else { return nil }
        return CompiledDeployment(
            program: program, subscriptions: subscriptions, endpoints: endpoints, triggers: triggers,
            resources: checked.routes.resources, statements: statements,
            outboxDatabases: Set(checked.routes.outboxDatabases.map { ResourceIndex(UInt16($0)) }), sources: sources)
    }

    private func lower(_ trigger: CheckedTrigger) -> CompiledTrigger {
        CompiledTrigger(
            kind: trigger.kind, name: trigger.name, schedule: trigger.timing.schedule,
            skipsOverlap: trigger.timing.skipsOverlap,
            subscription: CompiledSubscription(
                pubsub: "", topic: trigger.rule.name, options: trigger.options, orderKey: nil,
                rules: [lower(trigger.rule, 0)], range: trigger.range))
    }

    /// Lowers what is waiting, and what that calls, and builds the program.
    func finish() -> Program? {
        while let next = pending.popLast() { lower(next) }
        guard diagnostics.isEmpty else { return nil }
        do {
            return try takeProgram()
        } catch {
            // A number that outgrew its field, or a mistake of this room: the running deployment must not fall
            // with it, so it is an error of the new one.
            diagnostics.append(.notBuildable("\(error)", at: lastRange))
            return nil
        }
    }

    private func lower(_ rule: CheckedRule, _ place: Int) -> Rule {
        let predicate = rule.condition.map { condition in
            declare(.predicate(condition), named: "where of \(rule.name)", parameters: 0, rule.range)
        }
        let action = function(of: rule.action, .event, dataType: rule.dataType, named: rule.name, rule.range)
        return Rule(
            id: RuleID(UInt32(place)), name: rule.name, typePatterns: rule.patterns, predicate: predicate,
            condition: rule.condition.map { condition(of: $0) } ?? .always, action: action,
            isOtherwise: rule.isOtherwise, range: rule.range)
    }

    private func function(
        of action: CheckedAction, _ route: RouteKind, dataType: NodeKey?, named name: String, _ range: SourceRange
    ) -> FunctionIndex {
        switch action {
        case .block(let node):
            return declare(.block(node, route, dataType: dataType), named: name, parameters: 1, range)
        case .handler(let member):
            // A handler that names the type itself fits it itself.
            if let dataType, !fitsItsOwnData(member) {
                return declare(
                    .wrapper(member, dataType: dataType), named: declarations[member].fullName, parameters: 1, range)
            }
            return function(of: member)
        }
    }

    private func fitsItsOwnData(_ member: MemberIndex) -> Bool {
        let declaration = declarations[member]
        let tree = declarations.files[declaration.key.file].tree
        let parameter = tree.child(1, of: declaration.key.node)
        guard parameter.exists else { return false }
        let type = tree.child(1, of: parameter)
        guard type.exists, tree.kind(of: type) == .typeName, tree.child(2, of: type).exists else { return false }
        return isClosed(tree.child(2, of: type), in: tree)
    }

    /// Whether a written type says anything: `any` does not.
    private func isClosed(_ type: NodeID, in tree: SyntaxTree) -> Bool {
        if tree.kind(of: type) == .typeOptional { return isClosed(tree.child(0, of: type), in: tree) }
        guard tree.kind(of: type) == .typeName, tree.kind(of: tree.child(0, of: type)) == .name else { return true }
        return declarations.symbols[tree.symbol(of: tree.child(0, of: type))] != "any"
    }

    /// The function that a handler or `fn` becomes; declared on first use.
    func function(of member: MemberIndex) -> FunctionIndex {
        if let known = functionNumbers[member] { return known }
        let declaration = declarations[member]
        let count = declaration.kind == .handler ? 1 : declaration.kind == .constant ? 0 : parameterCount(declaration)
        let index = declare(
            declaration.kind == .constant ? .constant(member) : .member(member), named: declaration.fullName,
            parameters: count, declaration.nameRange)
        functionNumbers[member] = index
        return index
    }

    private func parameterCount(_ declaration: MemberDeclaration) -> Int {
        let tree = declarations.files[declaration.key.file].tree
        let list = tree.child(1, of: declaration.key.node)
        return list.exists ? tree.children(of: list).count : 0
    }

    func declare(
        _ content: PendingFunction.Content, named name: String, parameters: Int, owner: EffectOwner? = nil,
        _ range: SourceRange
    ) -> FunctionIndex {
        let index = assembler.declareFunction(name: name, parameterCount: parameters, range: range)
        lastRange = range
        pending.append(
            PendingFunction(
                index: index, content: content, owner: owner ?? EffectOwner(index: index, name: name), range: range))
        return index
    }
}
