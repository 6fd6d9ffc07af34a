// Checker+Calls.swift: who is called, and whether the arguments are right.
//
// Own functions and handlers by name, effects on resources, builtin methods on values, and the few plain
// functions. Neighbours: Checker+Effects.swift, Checker+Builtins.swift, EffectSignature.swift.

internal import Diagnostics
internal import Machine

/// A parameter as the argument check sees it.
struct WantedArgument {
    let name: String
    let type: Type
    let isOptional: Bool
    /// The written type, checked when it runs.
    var typeNode: NodeKey?
}

extension Checker {
    func checkCall(_ node: NodeID) -> Type {
        let callee = child(0, node)
        if kind(node) == .templateCall { return checkMethodCall(node, callee: callee, template: child(1, node)) }
        switch kind(callee) {
        case .name: return checkNamedCall(node, callee)
        case .member: return checkMethodCall(node, callee: callee, template: nil)
        case .error:
            checkArgumentsAlone(node)
            return .error
        default:
            check(callee)
            checkArgumentsAlone(node)
            report(.notCallable("this", at: range(callee)))
            return .error
        }
    }

    /// The call's arguments, whoever takes them.
    func arguments(of node: NodeID) -> [NodeID] {
        guard kind(node) == .call else { return [] }
        return tree.children(of: node).dropFirst().filter { kind($0) == .argument }
    }

    /// Checks arguments of a call whose callee is unknown, so that what is wrong in them is still said.
    func checkArgumentsAlone(_ node: NodeID) {
        for argument in arguments(of: node) where kind(child(1, argument)) != .selector { check(child(1, argument)) }
    }

    private func checkNamedCall(_ node: NodeID, _ callee: NodeID) -> Type {
        guard let name = symbol(callee) else { return .error }
        let spelling = text(name)
        if let index = local(named: name) {
            locals[index].isUsed = true
            checkArgumentsAlone(node)
            report(.notCallable("`\(spelling)`", at: range(callee)))
            return .error
        }
        if let member = declarations.member(name, in: module) { return checkMemberCall(node, member, at: callee) }
        if declarations.isBuiltin(name), let failure = FailureClass(name: spelling) {
            let taken = match(
                node,
                [
                    .init(name: "message", type: .string, isOptional: false),
                    .init(name: "details", type: .any, isOptional: true),
                ], of: spelling, at: callee)
            callees[key(node)] = .failure(failure, taken)
            return .failure
        }
        if let signature = EffectSignature.plainFunction(spelling) {
            return checkEffect(node, signature, resource: nil, label: spelling, at: callee, template: nil)
        }
        switch PlainFunction(rawValue: spelling) {
        case .respond:
            let taken = match(
                node,
                [
                    .init(name: "status", type: .int, isOptional: true),
                    .init(name: "body", type: .any, isOptional: true),
                    .init(name: "headers", type: .dictionary(.any), isOptional: true),
                ], of: spelling, at: callee)
            callees[key(node)] = .response(taken)
            return .response
        case .secret: return checkSecret(node, at: callee)
        case .log, .now, .uuid, .random, .sleep, nil: break
        }
        checkArgumentsAlone(node)
        if declarations.resource(name) != nil || spelling == "log" || declarations.isModuleHead(name) {
            let help = spelling == "log" ? "`log.info(\"text\", { field: x })`, or `debug`, `warn`, `error`" : nil
            report(.notCallable("`\(spelling)`", at: range(callee), help: help))
        } else {
            reportUnknownName(callee, candidates: callableNames(), isCalled: true)
        }
        return .error
    }

    private func callableNames() -> [String] {
        let own = declarations.modules[module.rawValue].members.filter { declarations[$0.value].kind != .constant }
        return own.keys.map { text($0) } + PlainFunction.allCases.map(\.rawValue)
            + FailureClass.allCases.map(\.name)
    }

    /// `a.b(…)`: a module's member, an effect of a resource, or a builtin method of a value.
    private func checkMethodCall(_ node: NodeID, callee: NodeID, template: NodeID?) -> Type {
        guard kind(callee) == .member else { return .error }
        let object = child(0, callee)
        let nameNode = child(1, callee)
        let name = word(nameNode)
        if let head = symbol(object), local(named: head) == nil {
            if let index = declarations.resource(head), declarations.member(head, in: module) == nil {
                return checkResourceCall(node, resource: index, method: nameNode, template: template)
            }
            if text(head) == "log", declarations.member(head, in: module) == nil {
                return checkNamed("log", EffectSignature.logLevels, "level", node, method: nameNode)
            }
            if text(head) == "jobs", declarations.member(head, in: module) == nil, !isModuleHead(head) {
                return checkNamed("jobs", EffectSignature.jobs, "method", node, method: nameNode)
            }
        }
        if let first = tree.pathHead(callee), isModuleHead(tree.symbol(of: first)), let names = plainPath(callee) {
            if let member = memberByPath(names) { return checkMemberCall(node, member, at: callee) }
            let isField =
                names.indices.dropFirst().dropLast().contains {
                    memberByPath(Array(names[..<$0])) != nil
                } || memberByPath(Array(names.dropLast())) != nil
            if !isField {
                checkArgumentsAlone(node)
                reportUnknownMember(names, at: callee) { $0.kind != .constant }
                return .error
            }
        }
        if let head = symbol(object), local(named: head) == nil, declarations.member(head, in: module) == nil,
            declarations.record(head) == nil, !declarations.isModuleHead(head)
        {
            checkArgumentsAlone(node)
            // What another app's database is asked for is used, although nothing is known of it here.
            if let template { for part in parts(of: template) where kind(part) != .string { check(part) } }
            reportUnknownOwner(object, method: name)
            return .error
        }
        if let template {
            check(object)
            report(
                .notCallable(
                    "`.\(name)` with a text behind it", at: range(nameNode),
                    help: "only a database method takes a text so"))
            check(template)
            return .error
        }
        return checkBuiltinCall(node, callee: callee)
    }

    /// `shelff.save(…)`: neither a local nor a resource. In code that no route reaches it may be a resource of
    /// another app.
    private func reportUnknownOwner(_ object: NodeID, method: String) {
        guard !isSaturated else { return }
        guard body.isReached, !mayBeUnreadLocal(object) else { return }
        let spelling = word(object)
        let owners = ResourceKind.allCases.filter { EffectSignature.method(method, of: $0) != nil }
        let candidates = valueNames() + declarations.resources.map { text($0.name) } + declarations.moduleHeads.sorted()
        let close = nearest(spelling, in: candidates)
        guard let owner = owners.first, method != "get" || close == nil, body.purity == .effects else {
            reportUnknownName(object, candidates: candidates)
            return
        }
        let known = declarations.resources.filter { owners.contains($0.kind) }.map { text($0.name) }
        report(
            Diagnostic(
                code: .unknownResource, title: "unknown resource `\(spelling)`",
                primary: Label(range(object), "no resource of this deployment has this name"),
                help: close != nil
                    ? []
                    : [
                        known.isEmpty
                            ? "declare it beside the routes: `\(owner.rawValue) \(spelling) = \"…\"`"
                            : "known are \(listing(known))"
                    ],
                fix: close.map { .replacing(range(object), spelling, with: $0) }))
    }

    /// A call of an own function or handler.
    private func checkMemberCall(_ node: NodeID, _ member: MemberIndex, at callee: NodeID) -> Type {
        let declaration = declarations[member]
        let name = declaration.fullName
        let owner = declarations.files[declaration.key.file].tree
        guard owner.isIntact(owner.range(of: declaration.key.node)) else {
            // Its parameters may not be what was read.
            checkArgumentsAlone(node)
            if declaration.kind == .handler { reach(member) }
            fallibleCount += 1
            return .error
        }
        switch declaration.kind {
        case .constant:
            checkArgumentsAlone(node)
            report(.notCallable("the constant `\(name)`", at: range(callee)))
            return .error
        case .function:
            let result = typeOfFunction(member)
            if failingFunctions.contains(member) {
                fallibleCount += 1
                if body.isPredicate { report(.failureInPredicate(name, at: range(callee))) }
            }
            let parameters = self.parameters(of: member)
            let wanted = parameters.map {
                WantedArgument(name: text($0.name), type: $0.type, isOptional: false, typeNode: $0.typeNode)
            }
            let taken = match(node, wanted, of: name, at: callee)
            callees[key(node)] = .member(member, taken)
            return result
        case .handler:
            requireEffects("calls the handler `\(name)`", at: range(callee))
            fallibleCount += 1
            reach(member)
            let wanted = parameters(of: member).map {
                WantedArgument(name: text($0.name), type: $0.type, isOptional: false)
            }
            callees[key(node)] = .member(member, match(node, wanted, of: name, at: callee))
            return .any
        }
    }

    /// Parameters of a function or handler, with their written types.
    func parameters(of member: MemberIndex) -> [ParameterDeclaration] {
        if let known = parameterLists[member] { return known }
        let declaration = declarations[member]
        // What is wrong with their types is said where the body is checked.
        let found = inFile(declaration.key.file) { checker in
            checker.quietly { $0.readParameters(declaration) }
        }
        parameterLists[member] = found
        return found
    }

    private func readParameters(_ declaration: MemberDeclaration) -> [ParameterDeclaration] {
        let list = child(1, declaration.key.node)
        guard list.exists else { return [] }
        let nodes = kind(list) == .parameters ? Array(tree.children(of: list)) : [list]
        return nodes.compactMap { node in
            guard kind(node) == .parameter, let name = symbol(child(0, node)) else { return nil }
            let typeNode = child(1, node)
            return ParameterDeclaration(
                name: name, key: key(node), type: readType(typeNode), typeNode: typeNode.exists ? key(typeNode) : nil,
                nameRange: range(child(0, node)))
        }
    }

    /// Puts arguments to parameters: by place first, then by name. Reports what is missing, too many, unknown
    /// or of a type that can never fit. The outcome has a node for each parameter, `none` for what is not given.
    func match(_ node: NodeID, _ wanted: [WantedArgument], of name: String, at callee: NodeID) -> [NodeID] {
        var taken = Array(repeating: NodeID.none, count: wanted.count)
        var next = 0
        var surplus: NodeID?
        var hasUnknown = false
        for argument in arguments(of: node) {
            let value = child(1, argument)
            var position: Int?
            if child(0, argument).exists {
                let spelling = word(child(0, argument))
                position = wanted.firstIndex { $0.name == spelling }
                if position == nil {
                    hasUnknown = true
                    report(
                        .unknownArgument(
                            spelling, of: name, known: wanted.map(\.name), at: range(child(0, argument)),
                            nearest: nearest(spelling, in: wanted.map(\.name))))
                }
            } else if next < wanted.count {
                position = next
                next += 1
            } else if surplus == nil {
                surplus = value
            }
            if kind(value) == .selector {
                report(.notAValue("a selector", "only a method such as `.sort_by(.price)` takes one", at: range(value)))
                continue
            }
            let type = check(value)
            guard let position else { continue }
            if taken[position].exists {
                report(.wrongArgumentCount("`\(wanted[position].name)` is given twice", at: range(value)))
                continue
            }
            taken[position] = value
            expect(type, wanted[position].type, at: value, what: "`\(wanted[position].name)`")
            coerce(value, type, to: wanted[position].type, wanted[position].typeNode)
        }
        if let surplus {
            report(.wrongArgumentCount(Self.countText(name, wanted), at: range(surplus)))
        } else if !hasUnknown,
            let missing = wanted.indices.first(where: { !wanted[$0].isOptional && !taken[$0].exists })
        {
            report(
                .wrongArgumentCount(
                    "\(Self.countText(name, wanted)); `\(wanted[missing].name)` is missing", at: range(callee)))
        }
        return taken
    }

    private static func countText(_ name: String, _ wanted: [WantedArgument]) -> String {
        let least = wanted.count { !$0.isOptional }
        let most = wanted.count
        let numbers = least == most ? "\(most)" : "\(least) to \(most)"
        return "`\(name)` takes \(numbers) argument\(most == 1 ? "" : "s")"
    }

    /// Notes that a value is checked against a written type when it runs, unless that cannot go wrong.
    func coerce(_ node: NodeID, _ found: Type, to wanted: Type, _ typeNode: NodeKey?) {
        guard let typeNode, wanted != .any, wanted != .error else { return }
        if declarations.fit(found, wanted) == .always, isWithoutBounds(typeNode, wanted) { return }
        coercions[key(node)] = typeNode
    }

    private func isWithoutBounds(_ typeNode: NodeKey, _ type: Type) -> Bool {
        switch type {
        case .int, .float, .string:
            let tree = declarations.files[typeNode.file].tree
            return tree.kind(of: typeNode.node) == .typeName && !tree.child(1, of: typeNode.node).exists
        case .null, .bool, .bytes, .time, .duration, .literals: return true
        default: return false
        }
    }

    /// Reports an effect where none may be.
    func requireEffects(_ what: String, at range: SourceRange) {
        if case .pure(let reason) = body.purity {
            report(.effectNotAllowed(what, reason: reason, at: range))
        } else if let transaction = body.transaction {
            report(.effectInTransaction(what, of: transaction.name, at: range))
        }
    }
}

extension Diagnostic {
    static func notCallable(_ what: String, at range: SourceRange, help: String? = nil) -> Diagnostic {
        Diagnostic(
            code: .notAValue, title: "\(what) cannot be called", primary: Label(range, "not a function"),
            help: help.map { [$0] } ?? [])
    }

    static func unknownArgument(
        _ name: String, of callee: String, known: [String], at range: SourceRange, nearest: String?
    ) -> Diagnostic {
        let shown = known.prefix(5).map { "`\($0):`" }.joined(separator: ", ")
        return Diagnostic(
            code: .unknownArgument, title: "`\(callee)` has no argument `\(name)`",
            primary: Label(range, known.isEmpty ? "it takes none by name" : "it takes \(shown)"),
            fix: nearest.map { .replacing(range, name, with: $0) })
    }

    static func wrongArgumentCount(_ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(code: .wrongArgumentCount, title: "wrong number of arguments", primary: Label(range, why))
    }

    static func effectNotAllowed(_ what: String, reason: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .effectNotAllowed, title: "no effects here", primary: Label(range, "this \(what)"),
            help: [reason])
    }

    static func failureInPredicate(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .effectNotAllowed, title: "a `where` cannot fail",
            primary: Label(range, "`\(name)` may end with `fail`"), help: ["give it a value to return instead"])
    }
}
